/// What kind of packets an interface gives: the LINKTYPE numbers of the tcpdump group.
public struct LinkType: RawRepresentable, Hashable, Sendable {
    /// The number.
    public var rawValue: UInt16

    /// Makes a link type from its number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// 802.11 frames and nothing before them.
    public static let ieee80211 = LinkType(rawValue: 105)
    /// 802.11 frames behind a Prism monitor header, or an AVS one.
    public static let prism = LinkType(rawValue: 119)
    /// 802.11 frames behind a radiotap header.
    public static let radiotap = LinkType(rawValue: 127)
    /// 802.11 frames behind an AVS header.
    public static let avs = LinkType(rawValue: 163)
    /// Packets behind a Per-Packet Information header, which says what they are.
    public static let ppi = LinkType(rawValue: 192)
}

/// One packet of a capture.
public struct CaptureRecord: Hashable, Sendable {
    /// Which interface gave it: from 0, in the order in which the file describes them, over all its sections.
    public var interface: Int
    /// What kind of packet it is.
    public var linkType: LinkType
    /// Octets of frame check sequence at its end, where the file says so for the interface.
    public var fcsLength: Int?
    /// Nanoseconds since 1970, in UTC. `nil` where the file has none, or one beyond the years 1970 to 2554.
    public var timestamp: UInt64?
    /// Octets that it had before it was cut to what was kept.
    public var originalLength: Int
    /// What was kept of it.
    public var octets: [UInt8]

    /// Makes a record.
    public init(
        interface: Int = 0, linkType: LinkType, fcsLength: Int? = nil, timestamp: UInt64?, originalLength: Int,
        octets: [UInt8]
    ) {
        self.interface = interface
        self.linkType = linkType
        self.fcsLength = fcsLength
        self.timestamp = timestamp
        self.originalLength = originalLength
        self.octets = octets
    }
}
