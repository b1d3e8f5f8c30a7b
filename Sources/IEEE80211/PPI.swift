/// A Per-Packet Information header as a capture gives it (CACE Technologies, PPI 1.0.10): a list of fields about the packet
/// behind it. All numbers are little-endian. Of a field that is there several times the first one counts. Reading one takes no
/// memory from the heap.
public struct PPI: Hashable, Sendable {
    /// Octets of the whole header; the packet begins there.
    public private(set) var length: Int
    /// The link type of the packet behind it: 105 for an 802.11 frame.
    public private(set) var linkType: UInt32
    /// Whether the frame ends in its FCS; `nil` where no field says it.
    public private(set) var hasFCS: Bool?
    /// Centre frequency of the channel, in MHz.
    public private(set) var frequency: UInt16?
    /// Signal power at the antenna, in dBm.
    public private(set) var antennaSignal: Int8?

    private static let headerLength = 8
    private static let fieldHeaderLength = 4
    /// The flag of the header that each field begins at a multiple of four octets.
    private static let aligned: UInt8 = 1
    /// The field 802.11-Common: TSF timer, flags, rate, channel, FHSS, signal, noise.
    private static let common: UInt16 = 2
    private static let commonLength = 20
    /// The flag of 802.11-Common that the frame ends in its FCS.
    private static let fcsAtEnd: UInt16 = 1

    /// Reads the header at the start of a captured packet.
    ///
    /// - Throws: `FrameError`: `.unsupportedVersion`, `.impossibleLength` for a length below that of the smallest header, or of a
    ///   field below its own, `.truncated` where the header, or a field within it, is cut short.
    public init(parsing packet: Span<UInt8>) throws(FrameError) {
        let version = try packet.octet(at: 0)
        guard version == 0 else { throw FrameError(offset: 0, reason: .unsupportedVersion(version)) }
        let isAligned = try packet.octet(at: 1) & Self.aligned != 0
        let declared: UInt16 = try packet.number(at: 2)
        guard declared >= Self.headerLength else {
            throw FrameError(offset: 2, reason: .impossibleLength(Int(declared)))
        }
        length = Int(declared)
        linkType = try packet.number(at: 4)
        try packet.require(length, at: 0)
        let header = packet.extracting(first: length)
        var offset = Self.headerLength
        while offset < length {
            let type: UInt16 = try header.number(at: offset)
            let fieldLength = Int(try header.number(at: offset + 2, as: UInt16.self))
            let start = offset + Self.fieldHeaderLength
            try header.require(fieldLength, at: start)
            if type == Self.common, hasFCS == nil {
                guard fieldLength >= Self.commonLength else {
                    throw FrameError(offset: offset + 2, reason: .impossibleLength(fieldLength))
                }
                try readCommon(header, at: start)
            }
            offset = start + (isAligned ? (fieldLength + 3) & ~3 : fieldLength)
        }
    }

    /// Reads the header at the start of a captured packet, see `init(parsing:)` with a span.
    public init(parsing packet: [UInt8]) throws(FrameError) {
        try self.init(parsing: packet.span)
    }

    /// Takes the field 802.11-Common over. It has all its parts at all times: 0 says that the radio does not know the channel, and
    /// 0 or -128 that it does not know the signal.
    private mutating func readCommon(_ header: Span<UInt8>, at start: Int) throws(FrameError) {
        hasFCS = try header.number(at: start + 8, as: UInt16.self) & Self.fcsAtEnd != 0
        let frequency: UInt16 = try header.number(at: start + 12)
        self.frequency = frequency == 0 ? nil : frequency
        let signal: Int8 = try header.number(at: start + 18)
        antennaSignal = signal == 0 || signal == .min ? nil : signal
    }
}
