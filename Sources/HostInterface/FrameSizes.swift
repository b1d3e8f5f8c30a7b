import SessionCore

/// How large Ethernet frames may be; all in octets.
///
/// An IP packet of the interface's MTU travels as: radiotap header (10, to the radio's driver only), QoS Data header (26),
/// GCMP header, LLC/SNAP, our header, MIC (`PayloadFrame.protectedOverhead`), Ethernet header (14) with at most one VLAN tag
/// (4), packet. Without protection there is room left.
public enum FrameSizes {
    /// The radiotap header in front of a frame that is injected: 8, and the TX flags.
    static let radiotapHeader = 10
    /// The MAC header of a QoS Data frame between stations (IEEE Std 802.11-2020, 9.3.2.1): 24, and QoS Control.
    static let macHeader = 26
    /// An Ethernet header with one VLAN tag.
    static let ethernetHeader = EthernetHeader.length + EthernetHeader.tagLength
    static let overhead = radiotapHeader + macHeader + PayloadFrame.protectedOverhead + ethernetHeader

    /// The most that a monitor interface takes at once, radiotap header included: the MTU that mac80211 allows, which is also
    /// the largest MSDU (IEEE Std 802.11-2020, 9.2.4.7).
    static let largestPacket = 2304
    /// Some drivers crash on longer frames; it is also a monitor interface's MTU when the driver lets it not be changed.
    static let safestPacket = 1500

    /// The largest MTU of the interface.
    public static let largestMTU = largestPacket - overhead
    /// The largest MTU with which no frame on the air is longer than 1500.
    public static let largestSafeMTU = safestPacket - overhead
    /// What is taken when nothing else is wanted: `largestSafeMTU` rounded down.
    public static let defaultMTU = 1390
    /// The least MTU that IPv4 wants (RFC 791).
    public static let smallestMTU = 68
    /// The least MTU that IPv6 wants (RFC 8200, 5).
    public static let smallestMTUForIPv6 = 1280
    /// The largest Ethernet frame that fits a payload.
    public static let largestPayload = largestMTU + ethernetHeader
}
