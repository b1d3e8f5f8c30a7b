import IEEE80211

/// Which link: the link ID of 802.11be, `0 ... 14` (IEEE Std 802.11be, 9.4.2.312.2.2; 15 is reserved). Both devices give a link
/// they have in common the same ID.
public struct LinkIdentifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number, `0 ... 14`.
    public let rawValue: UInt8

    /// The greatest number.
    static let greatest = 14

    /// Makes a link ID; `nil` when the number is not in `0 ... 14`.
    public init?(_ rawValue: Int) {
        guard (0...Self.greatest).contains(rawValue) else { return nil }
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

    /// How far `number` lies ahead of this one; negative when it lies behind. Modular.
    func distance(to number: TransmissionNumber) -> Int { Int(Int32(bitPattern: number.rawValue &- rawValue)) }
}

/// A set of links, in the order of their IDs.
public struct LinkSet: Hashable, Sendable, Sequence, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// Bit i is link i; bit 15 is not used.
    public let rawValue: UInt16

    /// Makes a set from its bits; bit 15 is ignored.
    public init(rawValue: UInt16) { self.rawValue = rawValue & 0x7fff }

    /// Makes a set of some links.
    public init(_ links: some Sequence<LinkIdentifier>) {
        rawValue = links.reduce(0) { $0 | 1 << $1.rawValue }
    }

    /// Makes a set of the links that are named.
    public init(arrayLiteral links: LinkIdentifier...) { self.init(links) }

    /// Whether there is none.
    public var isEmpty: Bool { rawValue == 0 }
    /// How many there are.
    public var count: Int { rawValue.nonzeroBitCount }
    /// The link with the lowest ID.
    public var first: LinkIdentifier? { isEmpty ? nil : LinkIdentifier(rawValue.trailingZeroBitCount) }

    /// Whether a link is in the set.
    public func contains(_ link: LinkIdentifier) -> Bool { rawValue >> link.rawValue & 1 == 1 }
    /// Whether all links of another set are in this one.
    public func contains(_ links: LinkSet) -> Bool { rawValue & links.rawValue == links.rawValue }
    /// The set with one link more.
    public func inserting(_ link: LinkIdentifier) -> LinkSet { LinkSet(rawValue: rawValue | 1 << link.rawValue) }
    /// The set with one link less.
    public func removing(_ link: LinkIdentifier) -> LinkSet { LinkSet(rawValue: rawValue & ~(1 << link.rawValue)) }
    /// What is in this set and not in the other.
    public func subtracting(_ links: LinkSet) -> LinkSet { LinkSet(rawValue: rawValue & ~links.rawValue) }
    /// What is in both sets.
    public func intersection(_ links: LinkSet) -> LinkSet { LinkSet(rawValue: rawValue & links.rawValue) }

    /// The links, lowest ID first.
    public func makeIterator() -> Iterator { Iterator(rest: self) }

    /// Goes through the links, lowest ID first.
    public struct Iterator: IteratorProtocol {
        fileprivate var rest: LinkSet

        /// The next link.
        public mutating func next() -> LinkIdentifier? {
            guard let link = rest.first else { return nil }
            rest = rest.removing(link)
            return link
        }
    }

    /// The IDs with commas between them.
    public var description: String { map(\.description).joined(separator: ", ") }
}
