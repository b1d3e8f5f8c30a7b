/// The Flags field of radiotap (bit 1).
public struct RadiotapFlags: OptionSet, Hashable, Sendable {
    /// The octet.
    public let rawValue: UInt8

    /// Makes flags from the octet.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Sent or received with a short preamble.
    public static let shortPreamble = RadiotapFlags(rawValue: 0x02)
    /// To be sent, or received, fragmented.
    public static let fragmentation = RadiotapFlags(rawValue: 0x08)
    /// The frame ends in its frame check sequence. Some drivers say so wrongly, or leave it out.
    public static let fcsAtEnd = RadiotapFlags(rawValue: 0x10)
    /// There is padding between MAC header and body, to a multiple of four octets.
    public static let padded = RadiotapFlags(rawValue: 0x20)
    /// The frame check sequence was found wrong.
    public static let badFCS = RadiotapFlags(rawValue: 0x40)
}

/// The Channel field of radiotap (bit 3).
public struct RadiotapChannel: Hashable, Sendable {
    /// Centre frequency of the primary channel, in MHz.
    public var frequency: UInt16
    /// Band and modulation; see radiotap.org for the bits.
    public var flags: UInt16
}

/// The TX flags field of radiotap (bit 15). In a received header its presence says that the frame is one's own
/// transmission coming back, and the bits say what became of it; in a header to send they are orders.
public struct RadiotapTransmitFlags: OptionSet, Hashable, Sendable {
    /// The field.
    public let rawValue: UInt16

    /// Makes flags from the field.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Echo: nobody acknowledged the frame, after all retries.
    public static let failed = RadiotapTransmitFlags(rawValue: 0x0001)
    /// The frame is, or was, protected by CTS-to-self.
    public static let clearToSend = RadiotapTransmitFlags(rawValue: 0x0002)
    /// The frame is, or was, protected by RTS/CTS.
    public static let requestToSend = RadiotapTransmitFlags(rawValue: 0x0004)
    /// Order: don't expect an acknowledgment, don't retry.
    public static let noAck = RadiotapTransmitFlags(rawValue: 0x0008)
    /// Order: leave the sequence number as it is (Linux 5.11 and later).
    public static let keepSequenceNumber = RadiotapTransmitFlags(rawValue: 0x0010)
    /// Order: don't let this frame overtake others (Linux 5.11 and later).
    public static let keepOrder = RadiotapTransmitFlags(rawValue: 0x0020)
}

/// The MCS field of radiotap (bit 19): how an HT frame is modulated.
public struct RadiotapMCS: Hashable, Sendable {
    /// Which of the other parts mean something; see radiotap.org for the bits.
    public var known: UInt8
    /// Bandwidth, guard interval, coding; see radiotap.org for the bits.
    public var flags: UInt8
    /// The MCS index of HT, `0 ... 76`.
    public var index: UInt8

    /// Makes a field.
    public init(known: UInt8, flags: UInt8, index: UInt8) {
        self.known = known
        self.flags = flags
        self.index = index
    }
}

/// The A-MPDU status field of radiotap (bit 20).
public struct RadiotapAMPDUStatus: Hashable, Sendable {
    /// The same for all frames of one A-MPDU.
    public var reference: UInt32
    /// See radiotap.org for the bits.
    public var flags: UInt16
    /// The CRC of the delimiter before the frame.
    public var delimiterCRC: UInt8
}
