import IEEE80211

/// Where Ethernet frames may go: every device is one station with its MLD address, so nothing has to be learned
/// from traffic.
public struct EthernetForwarding: Equatable, Sendable {
    /// This device's MLD MAC address, which is the interface's too.
    public let own: MACAddress
    /// The peers' MLD MAC addresses.
    public var peers: [MACAddress]

    /// What becomes of a frame.
    public enum Decision: Equatable, Sendable {
        /// A frame of the host goes to this peer.
        case send(MACAddress)
        /// A frame of the host goes to all peers.
        case sendToAll
        /// A frame of a peer goes to the host.
        case deliver
        /// The frame is dropped, and counted here.
        case drop(any WritableKeyPath<HostCounters, UInt64> & Sendable)
    }

    /// Makes the rules.
    public init(own: MACAddress, peers: [MACAddress]) {
        self.own = own
        self.peers = peers
    }

    /// A frame that the host sends: to the peer it is addressed to, or to all of them when it is for a group. The peers take
    /// only frames under this device's own address, so others need not travel.
    public func fromHost(_ frame: Span<UInt8>) -> Decision {
        guard let header = EthernetHeader(frame), frame.count <= FrameSizes.largestPayload else {
            return .drop(\.malformed)
        }
        guard header.source == own else { return .drop(\.foreignSource) }
        if header.destination.isGroup { return .sendToAll }
        return peers.contains(header.destination) ? .send(header.destination) : .drop(\.noSuchPeer)
    }

    /// A frame that a peer sends: it speaks under its own address only, and to this device or to a group.
    public func fromPeer(_ peer: MACAddress, _ frame: Span<UInt8>) -> Decision {
        guard let header = EthernetHeader(frame) else { return .drop(\.malformedFromPeer) }
        guard header.source == peer else { return .drop(\.spoofed) }
        guard header.destination == own || header.destination.isGroup else { return .drop(\.misdirected) }
        return .deliver
    }
}
