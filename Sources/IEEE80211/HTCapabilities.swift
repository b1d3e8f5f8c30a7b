/// The capabilities of an HT radio, as far as they differ from radio to radio and matter to whoever sends to it: the parts of an HT
/// Capabilities element (IEEE Std 802.11-2020, 9.4.2.55) that are not zero here.
public struct HTCapabilities: Hashable, Sendable {
    /// The HT Capability Information field.
    public var information: UInt16
    /// The A-MPDU Parameters field.
    public var aggregation: UInt8
    /// The first ten octets of the Supported MCS Set field: bit N of them is 1 if the radio receives MCS N.
    public let modulations: [UInt8]

    /// The Element ID.
    public static let elementID: UInt8 = 45
    /// Octets of the element's content.
    public static let length = 26
    /// Octets of `packed`.
    public static let packedLength = 3 + modulationOctets
    private static let modulationOctets = 10
    /// Supported Channel Width Set, Short GI for 40 MHz, DSSS/CCK Mode in 40 MHz and Forty MHz Intolerant mean nothing on 20 MHz.
    private static let only40MHz: UInt16 = 0x5042

    /// Makes capabilities. Of `modulations` ten octets count; those that are not given are 0.
    public init(information: UInt16, aggregation: UInt8, modulations: [UInt8]) {
        self.information = information
        self.aggregation = aggregation
        let given = modulations.prefix(Self.modulationOctets)
        self.modulations = given + [UInt8](repeating: 0, count: Self.modulationOctets - given.count)
    }

    /// The capabilities that every HT radio has: MCS 0 to 7, no option, no power save (IEEE Std 802.11-2020, 19.1.1).
    public static let least = HTCapabilities(information: 0x0c, aggregation: 0, modulations: [0xff])

    /// The same without what matters on 40 MHz alone.
    public var on20MHz: HTCapabilities {
        HTCapabilities(
            information: information & ~Self.only40MHz, aggregation: aggregation, modulations: modulations)
    }

    /// The content of an HT Capabilities element.
    public var elementBody: [UInt8] { packed + [UInt8](repeating: 0, count: Self.length - Self.packedLength) }

    /// The same without the zeros at its end: information, aggregation, modulations.
    public var packed: [UInt8] {
        [UInt8(information & 0xff), UInt8(information >> 8), aggregation] + modulations
    }

    /// Reads what `packed` wrote; `nil` when there are too few octets. What follows is ignored.
    public init?(packed octets: some Collection<UInt8>) {
        let octets = Array(octets.prefix(Self.packedLength))
        guard octets.count == Self.packedLength else { return nil }
        self.init(
            information: UInt16(octets[0]) | UInt16(octets[1]) << 8, aggregation: octets[2],
            modulations: Array(octets[3...]))
    }

    /// The highest MCS that the radio receives; `nil` when it names none.
    public var highestModulation: Int? {
        (0..<8 * Self.modulationOctets).last { modulations[$0 / 8] >> ($0 % 8) & 1 == 1 }
    }
}
