import IEEE80211

/// Which link: the link ID of 802.11be, `0 ... 14` (IEEE Std 802.11be, 9.4.2.312.2.2; 15 is reserved). Both devices give a link
/// they have in common the same ID.
public struct LinkIdentifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number, `0 ... 14`.
    public let rawValue: UInt8

    /// Makes a link ID; `nil` when the number is not in `0 ... 14`.
    public init?(_ rawValue: Int) {
        guard (0...14).contains(rawValue) else { return nil }
        self.rawValue = UInt8(rawValue)
    }

    /// Orders links by number.
    public static func < (left: LinkIdentifier, right: LinkIdentifier) -> Bool { left.rawValue < right.rawValue }

    /// The number in decimal.
    public var description: String { String(rawValue) }
}

/// A traffic identifier, `0 ... 7`: the TIDs that Block Ack agreements of this protocol use (IEEE Std 802.11-2020, 9.2.4.5.2).
public struct TrafficIdentifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number, `0 ... 7`.
    public let rawValue: UInt8

    /// Makes a TID; `nil` when the number is not in `0 ... 7`.
    public init?(_ rawValue: Int) {
        guard (0...7).contains(rawValue) else { return nil }
        self.rawValue = UInt8(rawValue)
    }

    /// TID 0, best effort.
    public static let bestEffort = TrafficIdentifier(checked: 0)

    private init(checked: UInt8) { rawValue = checked }

    /// Orders TIDs by number.
    public static func < (left: TrafficIdentifier, right: TrafficIdentifier) -> Bool { left.rawValue < right.rawValue }

    /// The number in decimal.
    public var description: String { String(rawValue) }
}

/// Names a session between two devices. The initiator draws it at random for every establishment, so that a late frame of an
/// earlier session can't be taken for one of this (`REB-8`).
public struct SessionIdentifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The 64-bit number.
    public let rawValue: UInt64

    /// Makes an identifier from its number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Parses sixteen hexadecimal digits; `nil` for anything else.
    public init?(_ description: String) {
        guard description.utf8.count == 16, description.allSatisfy(\.isHexDigit),
            let value = UInt64(description, radix: 16)
        else { return nil }
        rawValue = value
    }

    /// Orders identifiers as numbers.
    public static func < (left: SessionIdentifier, right: SessionIdentifier) -> Bool { left.rawValue < right.rawValue }

    /// Sixteen lower-case hexadecimal digits.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

/// The number of one transmission of this agent. It travels in the frame, and the TX status or the peer's answer names it again.
public struct TransmissionNumber: Hashable, Comparable, Sendable {
    /// The number; it wraps.
    public let rawValue: UInt32

    /// Makes a transmission number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Orders by plain number, for sorted storage only.
    public static func < (left: TransmissionNumber, right: TransmissionNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}
