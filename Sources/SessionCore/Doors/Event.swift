import IEEE80211

/// Something a user wants to know, as it happens. `kind` says what; the other fields say of whom, where they apply.
public struct Event: Equatable, Sendable {
    /// What happened.
    public var kind: Kind
    /// The peer's MLD address.
    public var peer: MACAddress?
    /// The link it happened on; for `interrupted` the link that was lost, for `rebuilt` the new one.
    public var link: LinkIdentifier?
    /// The session.
    public var session: SessionDescription?
    /// Why, in one of the core's own words (`EventCause`).
    public var cause: EventCause?
    /// How long what just ended took: establishment or rebuild from the first request on, loss from the first sign on.
    public var elapsed: Duration?
    /// Session frames sent for what just ended, requests and responses of both sides, without acknowledgments.
    public var frames: Int?
    /// Frames that were accepted from the host and are lost (`INT-2`).
    public var framesLost: Int?
    /// For `rebuilt` at the initiator: how long after its first request something came of the session from the peer's agent, which
    /// confirms it. A radio acknowledges whether or not its host has the session (`REB-6`).
    public var confirmed: Duration?
    /// The length of the shortest payload that the event is about, in bytes.
    public var length: Int?
    /// The links that a shared session lives on, or is to live on; empty where that does not apply.
    public var links: LinkSet

    /// Makes an event.
    public init(
        _ kind: Kind, peer: MACAddress? = nil, link: LinkIdentifier? = nil, session: SessionDescription? = nil,
        cause: EventCause? = nil, elapsed: Duration? = nil, frames: Int? = nil, framesLost: Int? = nil,
        length: Int? = nil, confirmed: Duration? = nil, links: LinkSet = []
    ) {
        self.kind = kind
        self.peer = peer
        self.link = link
        self.session = session
        self.cause = cause
        self.elapsed = elapsed
        self.frames = frames
        self.framesLost = framesLost
        self.length = length
        self.confirmed = confirmed
        self.links = links
    }

    /// The kinds of event.
    public enum Kind: String, Equatable, Sendable, CaseIterable {
        /// A radio of this device can be used.
        case linkUp
        /// A radio of this device can't be used.
        case linkDown
        /// A peer answers on a link.
        case linkAlive
        /// A link to a peer is in doubt: something was not acknowledged.
        case linkSuspect
        /// A link to a peer is lost.
        case linkLost
        /// A device for which no links are configured is there: it answered; with keys, it has proved that it has them. A silent
        /// device, which asks nothing, tells it of an announcement.
        case peerAppeared
        /// A discovered peer has a link more, a link less, or another address on a link; the cause says which.
        case peerChanged
        /// Nothing is heard of a discovered peer any more, and no session with it is left.
        case peerVanished
        /// A device announces itself that can't become a peer; the cause says why. Told once for each device and cause.
        case announcementRefused
        /// There are new keys with a peer, and both have them: the first ones, or those that take the place of old ones.
        case secured
        /// There can be no keys with a peer; the cause says why. Told once in ten seconds at the most.
        case handshakeFailed
        /// The configurations of the two devices contradict each other; the cause says where (`CFG-1`).
        case peerDisagrees
        /// The initiator asks for a session (`EST-1`).
        case sessionRequested
        /// A session lives (`EST-1`, `EST-2`).
        case established
        /// A session lives that replaces one that could not be rebuilt (`EST-2`, `REB-5`).
        case establishedAnew
        /// The last link of a session is lost; its state is frozen (`INT-1`).
        case interrupted
        /// The initiator asks for a rebuild (`REB-1`).
        case rebuildRequested
        /// An interrupted session lives again (`REB-1`).
        case rebuilt
        /// A session was rebuilt eight times in a row, and lost its link again within a second each time (`CFG-3`).
        case rebuildLoop
        /// The initiator asks that a session live on further links (`SHR-1`).
        case shareRequested
        /// A session lives on further links (`SHR-1`).
        case shared
        /// A shared session lost one of its links, and goes on on the others (`SHR-3`).
        case sharedLinkLost
        /// Payloads of a session get through on none of the links that could carry it, those of `length` bytes at least; it goes on
        /// on `link` for want of a better one (`PRG-2`).
        case noLinkDelivers
        /// A session or a rebuild was refused, here or by the peer (`REB-5`); the cause says why.
        case refused
        /// Payloads waited in an interrupted session for longer than their lifetime and are given up (`REB-2`), or, with a cause,
        /// get through nowhere while later ones do (`PRG-4`).
        case payloadsGivenUp
        /// A session is over (`ROL-2`, `INT-2`); the cause says why.
        case ended
    }
}

/// Which session an event is about, and which part this agent plays in it.
public struct SessionDescription: Equatable, Sendable {
    /// The session.
    public var identifier: SessionIdentifier
    /// Its TID.
    public var tid: TrafficIdentifier
    /// This agent's part.
    public var role: SessionRole

    /// Makes a description.
    public init(identifier: SessionIdentifier, tid: TrafficIdentifier, role: SessionRole) {
        self.identifier = identifier
        self.tid = tid
        self.role = role
    }
}

/// The two parts in a session (Block Ack: originator and recipient).
public enum SessionRole: String, Equatable, Sendable, CaseIterable {
    /// Asks for the session and sends its payloads.
    case initiator
    /// Is asked, and receives its payloads.
    case receiver
}
