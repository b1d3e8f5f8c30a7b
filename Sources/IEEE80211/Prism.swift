/// A Prism monitor header as a capture gives it (linux-wlan-ng, `lnxind_wlansniffrm`): items about the frame behind it, in the
/// byte order of the machine that captured. Reading one takes no memory from the heap.
///
/// Its signal and noise are what the driver makes them, in no unit that the header tells: they are not read.
public struct Prism: Hashable, Sendable {
    /// Octets of the whole header; the frame begins there.
    public private(set) var length: Int
    /// The channel's number.
    public private(set) var channel: UInt32?

    /// Message code, message length, name of the device: what stands before the items.
    private static let itemsOffset = 24
    /// Identifier, status, length and value of an item.
    private static let itemLength = 12

    /// Reads the header at the start of a captured packet.
    ///
    /// - Throws: `FrameError`: `.otherKind` when the message code is none of this header's in either byte order,
    ///   `.impossibleLength` for a length below that of what stands before the items, `.truncated` where the header is cut short.
    public init(parsing packet: Span<UInt8>) throws(FrameError) {
        let code: UInt32 = try packet.number(at: 0)
        guard Self.isMessageCode(code) || Self.isMessageCode(code.byteSwapped) else {
            throw FrameError(offset: 0, reason: .otherKind)
        }
        let isSwapped = !Self.isMessageCode(code)
        let declared: UInt32 = try packet.number(at: 4, swapped: isSwapped)
        guard declared >= Self.itemsOffset else {
            throw FrameError(offset: 4, reason: .impossibleLength(Int(declared)))
        }
        length = Int(declared)
        try packet.require(length, at: 0)
        var offset = Self.itemsOffset
        while offset + Self.itemLength <= length {
            let identifier: UInt32 = try packet.number(at: offset, swapped: isSwapped)
            // A status other than 0 says that there is no value.
            let status: UInt16 = try packet.number(at: offset + 4, swapped: isSwapped)
            if Self.isChannel(identifier), status == 0, channel == nil {
                channel = try packet.number(at: offset + 8, swapped: isSwapped)
            }
            offset += Self.itemLength
        }
    }

    /// Reads the header at the start of a captured packet, see `init(parsing:)` with a span.
    public init(parsing packet: [UInt8]) throws(FrameError) {
        try self.init(parsing: packet.span)
    }

    /// Whether a message code is this header's: drivers of Prism cards write 0x44, some others 0x41.
    private static func isMessageCode(_ code: UInt32) -> Bool { code == 0x44 || code == 0x41 }

    /// Whether an item is the channel; its identifier is written in two ways too.
    private static func isChannel(_ identifier: UInt32) -> Bool { identifier == 0x0003_0044 || identifier == 0x3041 }

    /// The centre frequency of the channel, in MHz; `nil` for a number that is no channel's at 2.4 and 5 GHz.
    public var frequency: UInt16? { channel.flatMap(ChannelNumber.frequency) }
}
