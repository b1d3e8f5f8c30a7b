import IEEE80211
import LinkSecurity

/// What the core has to know before the first input.
public struct EngineConfiguration: Equatable, Sendable {
    /// This device's MLD MAC address.
    public var mldAddress: MACAddress
    /// The peers, in the order of configuration.
    public var peers: [PeerConfiguration]
    /// What this agent offers and asks for in sessions.
    public var session: SessionParameters
    /// When a link is lost, and when it is back.
    public var health: HealthThresholds
    /// Limits on what is kept.
    public var limits: Limits
    /// How frames between this device and peers with a key are protected.
    public var security: SecurityParameters
    /// How devices that are not configured become peers.
    public var discovery: DiscoveryParameters

    /// Makes a configuration.
    public init(
        mldAddress: MACAddress, peers: [PeerConfiguration], session: SessionParameters = SessionParameters(),
        health: HealthThresholds = HealthThresholds(), limits: Limits = Limits(),
        security: SecurityParameters = SecurityParameters(), discovery: DiscoveryParameters = DiscoveryParameters()
    ) {
        self.mldAddress = mldAddress
        self.peers = peers
        self.session = session
        self.health = health
        self.limits = limits
        self.security = security
        self.discovery = discovery
    }
}

extension EngineConfiguration {
    /// Whether there are peers with a key, or may be some.
    public var usesKeys: Bool {
        if case .holders(.some) = discovery.admission { return true }
        return peers.contains { $0.key != nil }
    }

    /// All keys: those of the peers, and those for devices that may become some.
    public var keys: KeyFile {
        var keys = KeyFile()
        if case .holders(of: let others?) = discovery.admission { keys = others }
        for peer in peers { if let key = peer.key { keys.set(key, for: peer.mldAddress) } }
        return keys
    }

    /// Gives each peer its key of these, and those who have one may become peers; or with `nil`, nobody has a key any more.
    public mutating func use(_ keys: KeyFile?) {
        for index in peers.indices { peers[index].key = keys?.key(for: peers[index].mldAddress) }
        discovery.admission = keys.map { .holders(of: $0) } ?? .anybody
    }
}

/// A peer that the user configured.
public struct PeerConfiguration: Equatable, Sendable {
    /// The peer's MLD MAC address.
    public var mldAddress: MACAddress
    /// The peer's radios: link ID and link MAC address. A link both have is one they can use. Without any, they are learned from
    /// its announcements.
    public var links: [LinkIdentifier: MACAddress]
    /// The TIDs for which this agent is to be initiator, from the start.
    public var sessions: [TrafficIdentifier]
    /// The key that both have. With it, all frames between the two are protected, and others change nothing; without it
    /// (`nil`), nothing is: whoever is in range can end, feed and read the sessions.
    public var key: PreSharedKey?

    /// Makes a peer.
    public init(
        mldAddress: MACAddress, links: [LinkIdentifier: MACAddress], sessions: [TrafficIdentifier],
        key: PreSharedKey? = nil
    ) {
        self.mldAddress = mldAddress
        self.links = links
        self.sessions = sessions
        self.key = key
    }
}

/// What is negotiated for a session.
public struct SessionParameters: Equatable, Sendable {
    /// Whether this agent supports rebuild (`EST-1`). Off only to see how a peer copes.
    public var supportsRebuild = true
    /// Whether this agent offers to let sessions live on several links (`EST-3`).
    public var supportsSharing = true
    /// When this agent, as initiator, shares a session onto further links by itself (`SHR-4`).
    public var sharing = SharingPolicy.manual
    /// Below this share of acknowledged transmissions a link has become worse (`SharingPolicy.whenWorse`), `0 ... 1`.
    public var sharingRatio = 0.75
    /// The TIDs whose payloads go out on all links of a shared session at once.
    public var mirroredTIDs: Set<TrafficIdentifier> = []
    /// Receive window in frames, `1 ... 1024`, the most that a block acknowledgment's bitmap covers.
    public var bufferSize = 256
    /// Inactivity time-out in time units of 1,024 µs, `0 ... 65535`; 0 is none.
    public var inactivityTimeout: UInt16 = 0
    /// How long the peer may take to answer an acknowledged request. Kernel drivers give up after 1 s; an agent answers in
    /// milliseconds, and a lost response must not cost a second.
    public var responseTimeout: Duration = .milliseconds(100)
    /// How often a request is sent on one link before the next link is tried.
    public var triesPerLink = 2
    /// How long the receiver of an interrupted session leaves the rebuild to the initiator before it asks itself (`REB-7`),
    /// unless the kernel told it of the loss.
    public var receiverDelay: Duration = .milliseconds(200)
    /// The first wait after all links were tried in vain; doubles up to `maximumBackOff`, with jitter.
    public var initialBackOff: Duration = .milliseconds(20)
    /// The longest wait between rounds of tries.
    public var maximumBackOff: Duration = .seconds(1)

    /// How long a payload may wait while its session is interrupted or not established before it is given up (`REB-2`).
    public var payloadLifetime: Duration = .seconds(60)
    /// How long the receiver collects payloads before it acknowledges them together.
    public var blockAcknowledgmentDelay: Duration = .milliseconds(2)
    /// After how many payloads the receiver acknowledges without waiting any longer.
    public var payloadsPerAcknowledgment = 32
    /// How long a payload may stay without block acknowledgment before it is sent again.
    public var retransmissionTimeout: Duration = .milliseconds(50)

    /// Makes the defaults.
    public init() {}

    /// The indicators of this agent's session requests and responses (`EST-1`, `EST-3`).
    var indicators: SessionElement.Flags {
        var flags: SessionElement.Flags = []
        if supportsRebuild { flags.insert(.supportsRebuild) }
        if supportsSharing { flags.insert(.supportsSharing) }
        return flags
    }
}

/// When an agent shares its sessions by itself (`SHR-4`).
public enum SharingPolicy: String, Equatable, Sendable, CaseIterable {
    /// When a user asks for it.
    case manual
    /// When all links that a session lives on have become bad, and there is a good one: make before break.
    case whenWorse = "when-worse"
    /// As soon as there is a further link.
    case always
}

/// When a link to a peer is alive, in doubt, lost. Every default is justified in docs/protocol.md.
public struct HealthThresholds: Equatable, Sendable {
    /// How often an idle link is tried.
    public var heartbeatInterval: Duration = .milliseconds(100)
    /// How often an idle link is tried when nothing has happened between the two devices for `quietAfter`. Each heartbeat
    /// announces when the next one is due, so that the peer does not take this for silence.
    public var quietHeartbeatInterval: Duration = .seconds(1)
    /// How long after the last payload, session frame or change of a link the heartbeats slow down.
    public var quietAfter: Duration = .seconds(5)
    /// How often a link in doubt is tried, the first time at once.
    public var probeInterval: Duration = .microseconds(500)
    /// The number of consecutive transmissions without acknowledgment that make a link lost, where radios acknowledge.
    public var failuresUntilLost = 5
    /// The same where agents acknowledge in frames, which no radio retransmits.
    public var frameFailuresUntilLost = 10
    /// How long the failures must have lasted at the least: a burst of losses on a busy link is not a lost link.
    public var minimumDoubt: Duration = .milliseconds(3)
    /// The same where agents acknowledge in frames: a burst that keeps the link busy delays them all.
    public var frameMinimumDoubt: Duration = .milliseconds(9)
    /// How long nothing may be heard from a peer on a link that has answered before; three and a half of the intervals that the
    /// peer announces where that is longer.
    public var silenceTimeout: Duration = .milliseconds(350)
    /// How many consecutive good heartbeats, acknowledged and heard, make a lost link alive again.
    public var successesUntilAlive = 2
    /// How often a lost link is tried.
    public var lostProbeInterval: Duration = .milliseconds(250)
    /// The time that the peer's agent may take to answer where acknowledgments come in frames, at the least: longer where the link's round trips
    /// are (RFC 6298).
    public var frameAcknowledgmentTimeout: Duration = .milliseconds(3)
    /// How long the TX status may take where acknowledgments come from the MAC.
    public var statusTimeout: Duration = .milliseconds(50)

    /// Makes the defaults.
    public init() {}

    /// The number of consecutive failures that make a link lost.
    func failuresUntilLost(_ source: AcknowledgmentSource) -> Int {
        switch source {
        case .mac: failuresUntilLost
        case .frame: frameFailuresUntilLost
        }
    }

    /// The least time that they must have lasted.
    func minimumDoubt(_ source: AcknowledgmentSource) -> Duration {
        switch source {
        case .mac: minimumDoubt
        case .frame: frameMinimumDoubt
        }
    }
}

/// How frames between two devices with a key are protected; docs/security.md says why.
public struct SecurityParameters: Equatable, Sendable {
    /// Cipher, replay window, and after how many packets new keys are made.
    public var frames = PeerSecurity.Settings()
    /// How old keys may become before the device that began their handshake begins another one. The other device waits a
    /// tenth longer, so that the two do not begin at once.
    public var rekeyAfter: Duration = .seconds(3600)
    /// How long keys are kept when new ones have taken their place: frames under them may still be on their way.
    public var oldKeysKept: Duration = .seconds(5)
    /// How many handshake messages of a peer, or of who says to be it, are looked at in a second.
    public var handshakesPerSecond = 64
    /// How many handshake requests of all peers are answered in a second without a cookie.
    public var agreementsPerSecond = 16
    /// How long cookies are made with one secret; they stay good for as long again.
    public var cookieLife: Duration = .seconds(120)

    /// Makes the defaults.
    public init() {}
}

/// Limits on what is kept, and on what a peer can make this agent keep.
public struct Limits: Equatable, Sendable {
    /// How long an interrupted session is kept (`INT-2`).
    public var retention: Duration = .seconds(60)
    /// The number of interrupted sessions with one peer that are kept while they wait for a link (`INT-2`).
    public var interruptedSessions = 64
    /// The number of octets of payload that such sessions with one peer may hold together (`INT-2`).
    public var interruptedOctets = 4 << 20
    /// How many sessions one peer may have here as initiator, and how many this device wants with it when payloads come; one for
    /// each TID.
    public var sessionsPerPeer = 8
    /// How many ended sessions are remembered, so that late frames do not revive them (`REB-8`).
    public var endedSessions = 256
    /// How many payloads of the host wait in one session.
    public var queuedPayloads = 1024

    /// Makes the defaults.
    public init() {}
}
