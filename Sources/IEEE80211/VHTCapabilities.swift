/// The capabilities of a VHT radio: the content of a VHT Capabilities element (IEEE Std 802.11-2020, 9.4.2.157).
public struct VHTCapabilities: Hashable, Sendable {
    /// The VHT Capabilities Information field.
    public let information: UInt32
    /// The eight octets of the Supported VHT-MCS and NSS Set field.
    public let modulations: [UInt8]
    /// The most spatial streams that the radio receives.
    public let streams: Int

    /// The Element ID.
    public static let elementID: UInt8 = 191
    /// Octets of the element's content.
    public static let length = 4 + modulationOctets
    private static let modulationOctets = 8
    private static let mostStreams = 8
    /// The bits that matter on 20 MHz to whoever sends without beamforming: the longest MPDU, LDPC, STBC, and the longest A-MPDU.
    private static let on20MHz: UInt32 = 0x0380_0793

    /// Makes capabilities; `nil` unless there are eight octets of `modulations`, with at least one stream that the radio receives.
    public init?(information: UInt32, modulations: [UInt8]) {
        guard modulations.count == Self.modulationOctets,
            let streams = (1...Self.mostStreams).last(where: { Self.modulation(of: $0, in: modulations) != nil })
        else { return nil }
        self.init(information: information, modulations: modulations, streams: streams)
    }

    private init(information: UInt32, modulations: [UInt8], streams: Int) {
        (self.information, self.modulations, self.streams) = (information, modulations, streams)
    }

    /// The same without what matters on wider channels alone, and without beamforming, which takes frames that no agent sends.
    public var on20MHz: VHTCapabilities {
        VHTCapabilities(information: information & Self.on20MHz, modulations: modulations, streams: streams)
    }

    /// The content of a VHT Capabilities element.
    public var elementBody: [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: information >> (8 * $0)) } + modulations
    }

    /// Reads the content of a VHT Capabilities element; `nil` when there are too few octets, or the radio receives no stream. What follows is
    /// ignored.
    public init?(elementBody octets: some Collection<UInt8>) {
        let octets = Array(octets.prefix(Self.length))
        guard octets.count == Self.length else { return nil }
        self.init(
            information: octets.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) },
            modulations: Array(octets.dropFirst(4)))
    }

    /// The highest MCS that the radio receives with all its streams.
    public var highestModulation: Int { Self.modulation(of: streams, in: modulations) ?? 0 }

    /// The highest MCS with so many streams by the Rx VHT-MCS Map: two bits for each number of streams, 3 for none.
    private static func modulation(of streams: Int, in modulations: [UInt8]) -> Int? {
        let bit = 2 * (streams - 1)
        let code = modulations[bit / 8] >> (bit % 8) & 3
        return code == 3 ? nil : 7 + Int(code)
    }
}
