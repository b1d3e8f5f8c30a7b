import SessionCore

extension TrafficIdentifier {
    /// The TID for an Ethernet frame: what Linux chooses on a Wi-Fi interface (net/wireless/util.c, `cfg80211_classify8021d`,
    /// as of Linux 6.14, for a network that announces no QoS map).
    ///
    /// The priority of the outermost VLAN tag, unless that is 0; otherwise what the packet says: the DSCP of IPv4 and IPv6,
    /// the traffic class of the outermost MPLS label, 7 for IEEE 802.21. Everything else, and what is cut short, is best
    /// effort.
    public init(classifying frame: Span<UInt8>) {
        self = Classification.priority(of: frame).flatMap(TrafficIdentifier.init) ?? .bestEffort
    }
}

/// From octets to a user priority, `0 ... 7`.
private enum Classification {
    private enum EtherType {
        static let ipv4 = 0x0800
        static let ipv6 = 0x86dd
        static let customerTag = 0x8100
        static let serviceTag = 0x88a8
        static let mplsUnicast = 0x8847
        static let mplsMulticast = 0x8848
        static let mediaIndependentHandover = 0x8917
    }

    /// - Returns: `nil` when the frame is cut short.
    static func priority(of frame: Span<UInt8>) -> Int? {
        guard let type = number(in: frame, at: 12) else { return nil }
        guard type == EtherType.customerTag || type == EtherType.serviceTag else {
            return priority(of: frame, type: type, at: EthernetHeader.length)
        }
        guard let tag = number(in: frame, at: 14), let inner = number(in: frame, at: 16) else { return nil }
        let codePoint = tag >> 13
        if codePoint > 0 { return codePoint }
        return priority(of: frame, type: inner, at: EthernetHeader.length + EthernetHeader.tagLength)
    }

    private static func priority(of frame: Span<UInt8>, type: Int, at offset: Int) -> Int? {
        switch type {
        case EtherType.ipv4: number(in: frame, at: offset).map { priority(dscp: $0 >> 2 & 0x3f) }
        case EtherType.ipv6: number(in: frame, at: offset).map { priority(dscp: $0 >> 6 & 0x3f) }
        // Label 20 bits, traffic class 3 bits (RFC 5462).
        case EtherType.mplsUnicast, EtherType.mplsMulticast: number(in: frame, at: offset + 2).flatMap { $0 >> 9 & 7 }
        case EtherType.mediaIndependentHandover: 7
        default: 0
        }
    }

    /// The three most significant bits (RFC 8325, 2.3), but for the service classes where that is not what the marking
    /// means (RFC 8325, 4).
    private static func priority(dscp: Int) -> Int {
        switch dscp {
        // AF11, AF12, AF13: high-throughput data. CS2: operations and management.
        case 10, 12, 14, 16: 0
        // AF21, AF22, AF23: low-latency data.
        case 18, 20, 22: 3
        // CS3: broadcast video. AF31, AF32, AF33: multimedia streaming.
        case 24, 26, 28, 30: 4
        // VOICE-ADMIT and EF: telephony.
        case 44, 46: 6
        // CS6: network control.
        case 48: 7
        default: dscp >> 3
        }
    }

    /// The big-endian number of 16 bits at `offset`.
    private static func number(in frame: Span<UInt8>, at offset: Int) -> Int? {
        offset + 2 <= frame.count ? Int(frame[offset]) << 8 | Int(frame[offset + 1]) : nil
    }
}
