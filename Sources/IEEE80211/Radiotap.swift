/// A radiotap header as a capture gives it (radiotap.org): what the radio says about the frame behind it. Of a field that
/// is there several times (once for each antenna, mostly) the first one counts. Reading one takes no memory from the heap.
public struct Radiotap: Hashable, Sendable {
    /// Octets of the whole header; the frame begins there.
    public private(set) var length: Int
    /// When the first bit of the frame arrived, in microseconds of the radio's own clock.
    public private(set) var tsft: UInt64?
    /// How the frame was received, and whether it ends in an FCS.
    public private(set) var flags: RadiotapFlags?
    /// Legacy rate, in units of 500 kb/s.
    public private(set) var rate: UInt8?
    /// The channel of the frame.
    public private(set) var channel: RadiotapChannel?
    /// Signal power at the antenna, in dBm.
    public private(set) var antennaSignal: Int8?
    /// Noise power at the antenna, in dBm.
    public private(set) var antennaNoise: Int8?
    /// Transmit power, in dBm.
    public private(set) var transmitPower: Int8?
    /// Which antenna, from 0.
    public private(set) var antenna: UInt8?
    /// RX flags: 0x0002 for a bad PLCP CRC.
    public private(set) var receiveFlags: UInt16?
    /// What became of one's own transmission.
    public private(set) var transmitFlags: RadiotapTransmitFlags?
    /// Retries that the transmission took.
    public private(set) var dataRetries: UInt8?
    /// How an HT frame is modulated.
    public private(set) var mcs: RadiotapMCS?
    /// Of which A-MPDU the frame was part.
    public private(set) var aMPDUStatus: RadiotapAMPDUStatus?

    /// Whether the frame is one's own transmission coming back: received frames have no TX flags.
    public var isTransmitEcho: Bool { transmitFlags != nil }

    /// Reads the header at the start of a captured packet.
    ///
    /// - Throws: `FrameError`: `.unsupportedVersion`, `.impossibleLength` for a length below that of the smallest header,
    ///   `.truncated` where the header, or a field within it, is cut short.
    public init(parsing packet: Span<UInt8>) throws(FrameError) {
        length = try Self.length(of: packet)
        try RadiotapLayout.walk(packet, length: length) { bit, offset throws(FrameError) in
            try read(bit, at: offset, of: packet)
        }
    }

    /// The length of the header at the start of a captured packet, all of which is there.
    static func length(of packet: Span<UInt8>) throws(FrameError) -> Int {
        let version = try packet.octet(at: 0)
        guard version == 0 else { throw FrameError(offset: 0, reason: .unsupportedVersion(version)) }
        _ = try packet.octet(at: 1)  // padding
        let declared: UInt16 = try packet.number(at: 2)
        guard declared >= 8 else { throw FrameError(offset: 2, reason: .impossibleLength(Int(declared))) }
        try packet.require(Int(declared), at: 0)
        return Int(declared)
    }

    /// Reads the header at the start of a captured packet, see `init(parsing:)` with a span.
    public init(parsing packet: [UInt8]) throws(FrameError) {
        try self.init(parsing: packet.span)
    }

    /// Where in a captured packet of `count` octets the MPDU stands; see `RadiotapSummary`.
    public func mpduRange(ofPacketWithCount count: Int) -> Range<Int> { summary.mpduRange(ofPacketWithCount: count) }

    /// Takes one field over, if it is the first of its kind.
    private mutating func read(_ bit: Int, at offset: Int, of packet: Span<UInt8>) throws(FrameError) {
        typealias Bit = RadiotapLayout.Bit
        switch bit {
        case Bit.tsft where tsft == nil: tsft = try packet.number(at: offset)
        case Bit.flags where flags == nil: flags = RadiotapFlags(rawValue: try packet.octet(at: offset))
        case Bit.rate where rate == nil: rate = try packet.octet(at: offset)
        case Bit.channel where channel == nil:
            channel = RadiotapChannel(
                frequency: try packet.number(at: offset), flags: try packet.number(at: offset + 2))
        case Bit.antennaSignal where antennaSignal == nil: antennaSignal = try packet.number(at: offset)
        case Bit.antennaNoise where antennaNoise == nil: antennaNoise = try packet.number(at: offset)
        case Bit.transmitPower where transmitPower == nil: transmitPower = try packet.number(at: offset)
        case Bit.antenna where antenna == nil: antenna = try packet.octet(at: offset)
        case Bit.receiveFlags where receiveFlags == nil: receiveFlags = try packet.number(at: offset)
        case Bit.transmitFlags where transmitFlags == nil:
            transmitFlags = RadiotapTransmitFlags(rawValue: try packet.number(at: offset))
        case Bit.dataRetries where dataRetries == nil: dataRetries = try packet.octet(at: offset)
        case Bit.mcs where mcs == nil:
            mcs = RadiotapMCS(
                known: try packet.octet(at: offset), flags: try packet.octet(at: offset + 1),
                index: try packet.octet(at: offset + 2))
        case Bit.aMPDUStatus where aMPDUStatus == nil:
            aMPDUStatus = RadiotapAMPDUStatus(
                reference: try packet.number(at: offset), flags: try packet.number(at: offset + 4),
                delimiterCRC: try packet.octet(at: offset + 6))
        default: break
        }
    }
}
