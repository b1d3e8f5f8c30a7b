import IEEE80211

/// The radio of a peer on a link, for whoever chooses the rates of what is sent to it (`RAT-2`).
public struct PeerRadio: Equatable, Sendable {
    /// The peer's link MAC address.
    public var address: MACAddress
    /// Its capabilities; `nil` as long as the peer has not reported them.
    public var receives: RadioCapabilities?

    /// Makes a description.
    public init(address: MACAddress, receives: RadioCapabilities? = nil) {
        self.address = address
        self.receives = receives
    }
}

extension Engine {
    /// The peers' radios on a link, in the order of the peers, but for those that the kernel seems to hold frames back from (`RAT-4`).
    public func peerRadios(on link: LinkIdentifier) -> [PeerRadio] {
        peers.compactMap { peer in
            peer.links.first { $0.identifier == link && !$0.station.isBarred }
                .map { PeerRadio(address: $0.address, receives: $0.receives) }
        }
    }

    /// True if `peerRadios` gives something else than when this was last asked.
    public mutating func takePeerRadiosChanged() -> Bool {
        defer { port.peerRadiosChanged = false }
        return port.peerRadiosChanged
    }
}
