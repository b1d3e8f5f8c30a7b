/// One entry of a Multi-STA BlockAck (IEEE Std 802.11ax-2021, 9.3.1.8.6): what was received from one station, of one TID.
public struct PerAIDTIDInfo: Hashable, Sendable {
    /// What the entry says.
    public enum Context: Hashable, Sendable {
        /// Ack Type 1: the one frame was received, or (TID 14) all that were sent.
        case acknowledged
        /// Ack Type 0: which frames were received.
        case window(BlockAck.Window)
        /// AID 2045: a station that is not associated, by its address, behind four reserved octets.
        case unassociated(reserved: UInt32, MACAddress)
    }

    /// The AID TID Info field: AID (11 bits), Ack Type, TID (four bits).
    public let info: UInt16
    /// What follows it.
    public let context: Context

    /// The AID of stations that are not associated.
    public static let unassociatedAID: UInt16 = 2045
    private static let ackType: UInt16 = 0x0800

    /// Makes an entry. `aid` is `0 ... 2047`; 2045 goes with the context `.unassociated` alone. Only the low four bits of `tid`
    /// count.
    public init(aid: UInt16, tid: UInt8, context: Context) {
        info = aid & 0x07ff | (context == .acknowledged ? Self.ackType : 0) | UInt16(tid & 15) << 12
        self.context = context
    }

    /// Which station, by its association identifier, `0 ... 2047`.
    public var aid: UInt16 { info & 0x07ff }
    /// The traffic identifier, `0 ... 15`: 14 acknowledges all of an A-MPDU, 15 a management frame.
    public var tid: UInt8 { UInt8(info >> 12) }

    /// Parses an entry, and moves `offset` behind it.
    ///
    /// - Throws: `FrameError`: `.truncated` where it is cut short, `.impossibleLength` with the fragment number where that
    ///   tells no length of the bitmap.
    init(parsing octets: Span<UInt8>, at offset: inout Int) throws(FrameError) {
        info = try octets.number(at: offset)
        if info & 0x07ff == Self.unassociatedAID {
            context = .unassociated(
                reserved: try octets.number(at: offset + 2), try octets.address(at: offset + 6))
            offset += 12
        } else if info & Self.ackType != 0 {
            context = .acknowledged
            offset += 2
        } else {
            let start = SequenceControl(rawValue: try octets.number(at: offset + 2))
            guard let length = BlockAckBitmap.length(forFragment: start.fragment) else {
                throw FrameError(offset: offset + 2, reason: .impossibleLength(Int(start.fragment)))
            }
            offset += 2
            context = .window(try BlockAck.Window(parsing: octets, at: &offset, length: length))
        }
    }

    /// Appends the entry as it is sent.
    func append(to octets: inout [UInt8]) {
        octets.append(littleEndian: info)
        switch context {
        case .acknowledged: break
        case .window(let window): window.append(to: &octets)
        case .unassociated(let reserved, let address):
            octets.append(littleEndian: reserved)
            octets.append(address)
        }
    }
}
