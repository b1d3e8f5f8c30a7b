/// The Sequence Control field (IEEE Std 802.11-2020, 9.2.4.4), and the Block Ack Starting Sequence Control field, which
/// has the same parts (9.3.1.7.2).
public struct SequenceControl: RawRepresentable, Hashable, Sendable {
    /// The field as it is sent, first octet least significant.
    public var rawValue: UInt16

    /// Makes a field from its number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Makes a field; only the low 12 bits of `sequence` and the low 4 bits of `fragment` count.
    public init(sequence: UInt16, fragment: UInt8 = 0) {
        rawValue = sequence << 4 | UInt16(fragment & 15)
    }

    /// The fragment number, `0 ... 15`.
    public var fragment: UInt8 { UInt8(rawValue & 15) }
    /// The sequence number, `0 ... 4095`.
    public var sequence: UInt16 { rawValue >> 4 }
}

/// The QoS Control field of QoS data frames (IEEE Std 802.11-2020, 9.2.4.5).
public struct QoSControl: RawRepresentable, Hashable, Sendable {
    /// The field as it is sent, first octet least significant.
    public var rawValue: UInt16

    /// Makes a field from its number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Makes a field; only the low four bits of `tid` count, and all other bits are zero.
    public init(tid: UInt8, ackPolicy: AckPolicy = .normal) {
        rawValue = UInt16(tid & 15) | UInt16(ackPolicy.rawValue) << 5
    }

    /// The traffic identifier, `0 ... 15`.
    public var tid: UInt8 {
        get { UInt8(rawValue & 15) }
        set { rawValue = rawValue & ~0x000f | UInt16(newValue & 15) }
    }

    /// How the receiver acknowledges (9.2.4.5.4).
    public var ackPolicy: AckPolicy {
        get { AckPolicy(bits: UInt8(rawValue >> 5 & 3)) }
        set { rawValue = rawValue & ~0x0060 | UInt16(newValue.rawValue) << 5 }
    }

    /// Whether the body is an A-MSDU: several frames in one (9.2.4.5.9).
    public var aMSDUPresent: Bool { rawValue & 0x80 != 0 }
}

/// How the receiver of a QoS data frame acknowledges it (IEEE Std 802.11-2020, Table 9-13).
public enum AckPolicy: UInt8, Hashable, Sendable, CaseIterable {
    /// An Ack after a SIFS (or, within an A-MPDU, an implicit block ack).
    case normal
    /// None.
    case noAck
    /// None at once (PSMP), or after a trigger.
    case noExplicitAck
    /// The frame is recorded, and acknowledged by a later BlockAck.
    case blockAck

    /// The policy for two bits; other bits must be zero.
    init(bits: UInt8) {
        self =
            switch bits {
            case 0: .normal
            case 1: .noAck
            case 2: .noExplicitAck
            default: .blockAck
            }
    }
}
