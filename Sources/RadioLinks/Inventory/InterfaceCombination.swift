import CNetlink

/// Interfaces that may be up on a radio at once (nl80211: `NL80211_ATTR_INTERFACE_COMBINATIONS`).
public struct InterfaceCombination: Codable, Equatable, Sendable {
    /// How many there may be in all.
    public var interfaces: UInt32
    /// On how many different channels at once.
    public var channels: UInt32
    /// How many there may be of which kinds.
    public var limits: [Limit]

    /// At most so many interfaces of these modes.
    public struct Limit: Codable, Equatable, Sendable {
        /// How many.
        public var interfaces: UInt32
        /// Of which modes, as `iw` names them.
        public var modes: [String]
    }
}

/// One of several radios within one wiphy (nl80211: `NL80211_ATTR_WIPHY_RADIOS`, Linux 6.11 and later).
public struct RadioOfWiphy: Codable, Equatable, Sendable {
    /// The frequencies that it serves.
    public var ranges: [Range] = []
    /// What may be up on it at once.
    public var combinations: [InterfaceCombination] = []

    /// A range of frequencies in MHz, both ends included.
    public struct Range: Codable, Equatable, Sendable {
        /// The lowest.
        public var start: UInt32
        /// The highest.
        public var end: UInt32
    }
}

/// What an interface is (`NL80211_IFTYPE_*`), in the words of `iw`.
public enum InterfaceMode: String, Codable, Equatable, Sendable, CaseIterable {
    /// A kind that this program does not know.
    case unspecified
    /// A member of an IBSS.
    case ibss = "IBSS"
    /// A station.
    case managed
    /// An access point.
    case accessPoint = "AP"
    /// One VLAN of an access point.
    case accessPointVLAN = "AP/VLAN"
    /// A wireless distribution system.
    case wds = "WDS"
    /// A monitor.
    case monitor
    /// A mesh station.
    case meshPoint = "mesh point"
    /// A P2P client.
    case p2pClient = "P2P-client"
    /// A P2P group owner.
    case p2pGroupOwner = "P2P-GO"
    /// A P2P device, which has no network interface.
    case p2pDevice = "P2P-device"
    /// Outside the context of a BSS.
    case ocb = "outside context of a BSS"
    /// Neighbour awareness networking.
    case nan = "NAN"

    /// The mode of a number `NL80211_IFTYPE_*`, whose order is that of the cases.
    init(type: UInt32) {
        let all = Self.allCases
        self = type < UInt32(all.count) ? all[Int(type)] : .unspecified
    }
}
