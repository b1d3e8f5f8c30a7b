/// An AVS capture header as a capture gives it (AbsoluteValue Systems, versions 1 and 2): fixed fields about the frame behind it.
/// All numbers are big-endian. Reading one takes no memory from the heap.
public struct AVS: Hashable, Sendable {
    /// Octets of the whole header; the frame begins there.
    public private(set) var length: Int
    /// Centre frequency of the channel, in MHz; `nil` where the radio does not know it.
    public private(set) var frequency: UInt16?
    /// Signal power at the antenna, in dBm; `nil` where the radio gives it in another unit.
    public private(set) var antennaSignal: Int8?

    /// The first four octets but the last, which is the version.
    private static let cookie: UInt32 = 0x8021_1000
    /// The length of version 1; later versions are longer.
    private static let minimumLength = 64
    /// The SSI type that says that the signal is in dBm.
    private static let dBm: UInt32 = 2

    /// Reads the header at the start of a captured packet.
    ///
    /// - Throws: `FrameError`: `.otherKind` when it does not begin with the header's cookie, `.unsupportedVersion` for a version
    ///   other than 1 and 2, `.impossibleLength` for a length below that of version 1, `.truncated` where it is cut short.
    public init(parsing packet: Span<UInt8>) throws(FrameError) {
        let begin: UInt32 = try packet.number(at: 0, swapped: true)
        guard begin & 0xffff_ff00 == Self.cookie else { throw FrameError(offset: 0, reason: .otherKind) }
        guard begin == Self.cookie | 1 || begin == Self.cookie | 2 else {
            throw FrameError(offset: 3, reason: .unsupportedVersion(UInt8(begin & 0xff)))
        }
        let declared: UInt32 = try packet.number(at: 4, swapped: true)
        guard declared >= Self.minimumLength else {
            throw FrameError(offset: 4, reason: .impossibleLength(Int(declared)))
        }
        length = Int(declared)
        try packet.require(length, at: 0)
        frequency = Self.frequency(ofChannel: try packet.number(at: 28, swapped: true))
        let signalType: UInt32 = try packet.number(at: 44, swapped: true)
        let signal: Int32 = try packet.number(at: 48, swapped: true)
        antennaSignal = signalType == Self.dBm ? Int8(exactly: signal) : nil
    }

    /// Whether a packet begins with the cookie of this header.
    public static func begins(_ packet: Span<UInt8>) -> Bool {
        guard let begin: UInt32 = try? packet.number(at: 0, swapped: true) else { return false }
        return begin & 0xffff_ff00 == cookie
    }

    /// Reads the header at the start of a captured packet, see `init(parsing:)` with a span.
    public init(parsing packet: [UInt8]) throws(FrameError) {
        try self.init(parsing: packet.span)
    }

    /// The header's channel is a number below 256, or a frequency in MHz below 10,000, or in kHz.
    private static func frequency(ofChannel channel: UInt32) -> UInt16? {
        switch channel {
        case 0..<256: ChannelNumber.frequency(channel)
        case 256..<10_000: UInt16(channel)
        default: UInt16(exactly: channel / 1000)
        }
    }
}
