/// The BAR Control field of a BlockAckReq frame and the BA Control field of a BlockAck frame, which have the same parts
/// (IEEE Std 802.11-2020, 9.3.1.7.1 and 9.3.1.8.1).
public struct BlockAckControl: RawRepresentable, Hashable, Sendable {
    /// The field as it is sent, first octet least significant.
    public var rawValue: UInt16

    /// Makes a field from its number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Makes a field; only the low four bits of `tidInfo` count.
    public init(variant: BlockAckVariant, tidInfo: UInt8, noAck: Bool = false) {
        rawValue = (noAck ? 1 : 0) | UInt16(variant.rawValue & 15) << 1 | UInt16(tidInfo & 15) << 12
    }

    /// BAR Ack Policy, BA Ack Policy: whether the frame itself is not to be acknowledged (delayed block ack alone has it
    /// acknowledged).
    public var noAck: Bool { rawValue & 1 != 0 }
    /// BAR Type, BA Type: how what follows is laid out.
    public var variant: BlockAckVariant { BlockAckVariant(rawValue: UInt8(rawValue >> 1 & 15)) }
    /// TID_INFO: the traffic identifier, or what else the variant makes of it.
    public var tidInfo: UInt8 { UInt8(rawValue >> 12) }
}

/// The variant of a BlockAckReq or BlockAck frame (IEEE Std 802.11-2020, Tables 9-28 and 9-30). Unknown ones are held as they
/// are.
public struct BlockAckVariant: RawRepresentable, Hashable, Sendable {
    /// The code, `0 ... 15`.
    public var rawValue: UInt8

    /// Makes a variant from its code.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Basic, of earlier editions: a bitmap with a bit for each fragment.
    public static let basic = BlockAckVariant(rawValue: 0)
    /// Extended Compressed: with the room that is left in the recipient's buffer.
    public static let extendedCompressed = BlockAckVariant(rawValue: 1)
    /// Compressed: a bit for each MSDU.
    public static let compressed = BlockAckVariant(rawValue: 2)
    /// Multi-TID.
    public static let multiTID = BlockAckVariant(rawValue: 3)
    /// GCR: groupcast with retries.
    public static let gcr = BlockAckVariant(rawValue: 6)
    /// GLK-GCR: the same over general links. What follows is laid out as in GCR.
    public static let glkGCR = BlockAckVariant(rawValue: 10)
    /// Multi-STA, in BlockAck frames alone (802.11ax).
    public static let multiSTA = BlockAckVariant(rawValue: 11)

    /// Whether TID_INFO is the traffic identifier (Tables 9-29 and 9-31; in multi-TID frames it is their number less one,
    /// in GCR and multi-STA frames it is reserved).
    var hasTID: Bool { [.basic, .extendedCompressed, .compressed].contains(self) }
}

/// The Block Ack Bitmap field: which frames from the starting sequence number on were received (IEEE Std 802.11-2020,
/// 9.3.1.8).
public enum BlockAckBitmap {
    /// Octets of the bitmap of a Compressed or Multi-STA BlockAck, by the fragment number that stands in its starting
    /// sequence control (IEEE Std 802.11ax-2021, Tables 9-30a and 9-30b; 64 and 128 octets: IEEE Std 802.11be-2024). `nil`
    /// for reserved numbers. Bit 0 of the number tells fragmentation level 3 and changes no length.
    public static func length(forFragment fragment: UInt8) -> Int? {
        switch fragment >> 1 & 7 {
        case 0: 8
        case 1: 16
        case 2: 32
        case 3: 4
        case 4: 64
        case 5: 128
        default: nil
        }
    }

    /// How many bits are set.
    public static func count(_ bitmap: some Sequence<UInt8>) -> Int {
        bitmap.reduce(0) { $0 + $1.nonzeroBitCount }
    }
}
