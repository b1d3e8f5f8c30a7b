import IEEE80211
import LinkSecurity

/// A snapshot of the core, for people and scripts.
public struct EngineStatus: Equatable, Sendable {
    /// The peers, in the order of configuration.
    public var peers: [PeerStatus]
    /// The sessions, by peer; those this device wants as initiator come first.
    public var sessions: [SessionStatus]
    /// Frames that changed nothing.
    public var counters: EngineCounters
}

/// How a peer can be reached.
public struct PeerStatus: Equatable, Sendable {
    /// The peer's MLD MAC address.
    public var mldAddress: MACAddress
    /// The links to it, by link ID.
    public var links: [PeerLinkStatus]
    /// How frames between the two are protected; `nil` when nothing protects them.
    public var security: PeerSecurityStatus?
    /// How this device knows of it.
    public var origin: PeerOrigin
    /// What it supports: authentic with keys, as it announced itself without; `nil` as long as nothing is known.
    public var capabilities: Announcement.Capabilities?
    /// Payloads of the host for it that were not accepted.
    public var refusedPayloads: Int
    /// Whether nothing is sent to it, because this device is silent and no session with it is wanted.
    public var isDormant: Bool
}

/// How this device knows of a peer.
public enum PeerOrigin: String, Equatable, Sendable, CaseIterable {
    /// It stands in the configuration.
    case configured
    /// It announced itself.
    case discovered
}

/// How the frames between this device and a peer with a key are protected.
public struct PeerSecurityStatus: Equatable, Sendable {
    /// The fingerprint of the pre-shared key.
    public var fingerprint: String
    /// When the current keys became current; `nil` as long as there are none.
    public var keysSince: MonotonicInstant?
    /// How often there were new keys.
    public var handshakes: Int
    /// The number of the last data frame under the current keys.
    public var dataPackets: UInt64
    /// The number of the last action frame under the current keys.
    public var actionPackets: UInt64
    /// What was refused.
    public var refusals: SecurityRefusals
}

/// How a link to a peer does.
public struct PeerLinkStatus: Equatable, Sendable {
    /// The link.
    public var link: LinkIdentifier
    /// The peer's link MAC address.
    public var address: MACAddress
    /// What the link is good for.
    public var health: LinkHealthName
    /// True if the peer uses it, too, by its last heartbeat there.
    public var isUsedByPeer: Bool
    /// The share of transmissions that were acknowledged lately, `0 ... 1`.
    public var deliveryRatio: Double
    /// The number of transmissions that got no TX report in time: their fate is not known.
    public var unreported: Int
    /// The number of times that it came in doubt; of many in a row, only some are told in events.
    public var doubts: Int
    /// How strongly it is heard, in dBm; `nil` when it was not, or the radio does not tell.
    public var signal: Int?
    /// How long payloads have been on their way to it here, all in all: on the air, waiting for it, or being repeated.
    public var busyTime: Duration
    /// When the peer's agent was last heard here; `nil` when it was not.
    public var lastSeen: MonotonicInstant?
}

/// The states of a link to a peer; docs/protocol.md has the diagram.
public enum LinkHealthName: String, Equatable, Sendable, CaseIterable {
    /// This device's radio can't be used.
    case down
    /// The peer has not answered yet.
    case unknown
    /// In use.
    case alive
    /// In doubt.
    case suspect
    /// Out of use until it has proved itself again.
    case lost
}

/// How a session stands.
public struct SessionStatus: Equatable, Sendable {
    /// The session.
    public var description: SessionDescription
    /// The peer's MLD MAC address.
    public var peer: MACAddress
    /// The state, in the words of the state diagrams in docs/protocol.md.
    public var state: String
    /// The link it lives on, or is being requested on.
    public var link: LinkIdentifier?
    /// All links it lives on; several when it is shared (`SHR-2`).
    public var links: LinkSet
    /// Links on which its payloads do not get through (`PRG-2`); when it lives on these alone, there is none that is better.
    public var failingLinks: LinkSet
    /// Whether it can be rebuilt after a loss (`EST-1`).
    public var isRebuildable: Bool
    /// Whether it can live on several links (`EST-3`).
    public var isShareable: Bool
    /// How often it was rebuilt.
    public var rebuilds: Int
    /// Initiator: the lowest number not acknowledged; receiver: the next number expected.
    public var resumptionPosition: UInt32
    /// Payloads held: not yet acknowledged, or waiting for an earlier one.
    public var queued: Int
}

extension Peer {
    func status(_ port: Port) -> PeerStatus {
        // A silent device tries nothing, and has only heard of them.
        let heardOf = (learning?.isDormant == true ? learning?.candidates : nil) ?? []
        return PeerStatus(
            mldAddress: mldAddress,
            links: (links + heardOf.sorted { $0.link < $1.link }.map(\.peerLink)).map {
                PeerLinkStatus(
                    link: $0.identifier, address: $0.address, health: $0.health.name, isUsedByPeer: $0.peerUsesIt,
                    deliveryRatio: $0.deliveryRatio, unreported: $0.unreported, doubts: $0.doubts,
                    signal: $0.signal.decibelMilliwatts, busyTime: $0.pace.busyTime(at: port.now),
                    lastSeen: $0.lastSeen
                )
            }, security: port.protections[index].map(\.status),
            origin: learning?.isConfigured == false ? .discovered : .configured, capabilities: capabilities(port),
            refusedPayloads: refusedPayloads, isDormant: learning?.isDormant ?? false)
    }

    private func capabilities(_ port: Port) -> Announcement.Capabilities? {
        guard let protection = port.protections[index] else { return learning?.capabilities }
        // What the handshake says is authentic.
        return protection.security.peerCapabilities?.first.map {
            Announcement.Capabilities(SessionElement.Flags(rawValue: $0)).union(.protection)
        }
    }

    /// Whether a session is agreed on, be it interrupted, or a link works on which one can be, or one is made when it is needed.
    var canCarryPayloads: Bool {
        learning?.isDormant == true || links.contains { $0.health.isUsable } || hasSessions
    }

    var sessionStatus: [SessionStatus] {
        initiated.map { $0.status(peer: mldAddress) } + received.map { $0.status(peer: mldAddress) }
    }
}

extension PeerProtection {
    fileprivate var status: PeerSecurityStatus {
        let numbers = security.packetNumbers
        return PeerSecurityStatus(
            fingerprint: security.fingerprint, keysSince: keysSince, handshakes: handshakes,
            dataPackets: numbers?.data ?? 0, actionPackets: numbers?.action ?? 0, refusals: refusals)
    }
}

extension LinkHealth {
    fileprivate var name: LinkHealthName {
        switch self {
        case .down: .down
        case .unknown: .unknown
        case .alive: .alive
        case .suspect: .suspect
        case .lost: .lost
        }
    }
}

extension InitiatedSession {
    fileprivate func status(peer: MACAddress) -> SessionStatus {
        let (state, link, links, isRebuildable): (String, LinkIdentifier?, LinkSet, Bool) =
            switch state {
            case .idle: ("idle", nil, [], false)
            case .requesting(let requesting): ("requesting", requesting.attempt.link, [], false)
            case .live(let live): ("live", live.links.first, live.links, live.isRebuildable)
            case .interrupted: ("interrupted", nil, [], true)
            case .rebuilding(_, let attempt): ("rebuilding", attempt.link, [], true)
            }
        return SessionStatus(
            description: description, peer: peer, state: state, link: link, links: links, failingLinks: bars.links,
            isRebuildable: isRebuildable, isShareable: isShareable, rebuilds: rebuilds,
            resumptionPosition: window.start.rawValue, queued: window.held)
    }

    private var isShareable: Bool {
        switch state {
        case .idle, .requesting: false
        case .live(let live): live.isShareable
        case .interrupted(let interrupted), .rebuilding(let interrupted, _): interrupted.live.isShareable
        }
    }
}

extension ReceivedSession {
    fileprivate func status(peer: MACAddress) -> SessionStatus {
        let (state, link, links): (String, LinkIdentifier?, LinkSet) =
            switch state {
            case .responding(let responding): ("responding", responding.link, [])
            case .live(let live): ("live", live.newest, live.links)
            case .interrupted: ("interrupted", nil, [])
            case .rebuilding(_, let attempt): ("rebuilding", attempt.link, [])
            }
        return SessionStatus(
            description: description, peer: peer, state: state, link: link, links: links, failingLinks: [],
            isRebuildable: isRebuildable, isShareable: isShareable, rebuilds: rebuilds,
            resumptionPosition: window.start.rawValue, queued: window.held)
    }
}
