import LinkSecurity

/// Whether devices find each other by announcements, and how. Every default is justified in docs/protocol.md.
public struct DiscoveryParameters: Equatable, Sendable {
    /// What this device does. Off, unless somebody asks for it: peers that are configured need no announcements.
    public var mode = Mode.off
    /// How often this device announces itself on each link, with a tenth of jitter.
    public var interval: Duration = .seconds(1)
    /// How long a discovered peer, or one of its links, is kept when nothing is heard of it; three and a half of the intervals
    /// at which it says that it sends where that is longer.
    public var lostAfter: Duration = .seconds(5)
    /// How many peers are discovered at the most.
    public var mostPeers = 16
    /// Who may become a peer.
    public var admission = Admission.anybody

    /// What a device does to find others and to be found.
    public enum Mode: String, Equatable, Sendable, CaseIterable {
        /// It announces itself, and learns of others.
        case announce
        /// It learns of others, and sends nothing to a device before a session with it is wanted.
        case listen
        /// Neither.
        case off
    }

    /// Which devices may become peers.
    public enum Admission: Equatable, Sendable {
        /// All of them, without protection.
        case anybody
        /// Those for which there is a key; `nil` has none, so that only peers that are configured with a key come into question.
        case holders(of: KeyFile?)
    }

    /// Makes the defaults.
    public init() {}
}
