/// Why something happened: one list for events, refusals and ends, so that every reader meets the same words.
public enum EventCause: Hashable, Sendable {
    // Links
    /// The kernel says that the radio can't be used.
    case radio(LinkDownCause)
    /// Consecutive transmissions were not acknowledged.
    case transmissionsNotAcknowledged
    /// Nothing was heard although heartbeats were due.
    case silence

    // Sessions
    /// The other side, or this one, refuses.
    case refusal(RefusalReason)
    /// The user asked for it.
    case userRequest
    /// The peer ended it.
    case peerRequest
    /// The peer's agent stops.
    case peerLeaving
    /// The peer says that it lost the link, though here it seems to work.
    case peerLostLink
    /// Payloads do not get through, whatever radios acknowledge (`PRG-1`).
    case payloadsNotDelivered
    /// It carried nothing for longer than the negotiated time-out.
    case inactivity
    /// It stayed interrupted for longer than the retention time (`INT-2`).
    case retentionExpired
    /// Too many interrupted sessions, or too much memory in them (`INT-2`).
    case retentionLimit
    /// No response came.
    case noResponse
    /// It was not rebuildable, so that a loss ends it (`EST-2`).
    case notRebuildable
    /// The initiator asked for a new session in its place.
    case replaced

    // Keys
    /// A handshake message was made with another key than the one configured here.
    case wrongKey
    /// The peer speaks another version of this protocol.
    case versionMismatch
    /// The peer protects its frames, and no key is configured for it here.
    case noKeyForPeer
    /// A key is configured for the peer, and its frames are not protected.
    case peerNotProtected
    /// A device that is no peer of this one asks for keys.
    case unknownPeer
    /// The peer answers no request for keys.
    case noAnswer

    // Discovery
    /// The peer was found on a link where it was not known before.
    case linkFound
    /// Nothing is heard of the peer on a link any more.
    case linkGone
    /// The peer has another address on a link.
    case addressChanged
    /// Nothing is heard of the peer any more.
    case peerGone
    /// As many peers are discovered as may be.
    case tooManyPeers
    /// The device gives the link another ID.
    case linkMismatch
    /// Another device has this device's MLD address, or repeats its announcements.
    case mldAddressTaken

    // Things that two devices must agree on
    /// The peer has another MLD address than the one configured here.
    case mldAddressMismatch
    /// The peer's radio has another address on the link than the one configured here.
    case addressMismatch
    /// The peer's radio is on another channel.
    case channelMismatch
}

/// Why a device refuses a session or a rebuild. The numbers travel in the session element.
public enum RefusalReason: UInt8, Hashable, Sendable, CaseIterable {
    /// The standard frame declined, and no session element said why.
    case unspecified = 0
    /// The session is not known here: never was, or the agent was restarted.
    case unknownSession = 1
    /// The session was known, but was dropped.
    case sessionDropped = 2
    /// The session was established without rebuild support.
    case rebuildNotSupported = 3
    /// The rebuild parameters contradict the frozen state.
    case impossibleParameters = 4
    /// A limit on sessions is reached.
    case tooManySessions = 5
    /// The session was established without sharing support (`EST-3`).
    case sharingNotSupported = 6
}

extension EventCause {
    /// One lowerCamelCase word, as scripts see it.
    public var name: String {
        switch self {
        case .radio(let cause): cause.rawValue
        case .transmissionsNotAcknowledged: "transmissionsNotAcknowledged"
        case .silence: "silence"
        case .refusal(let reason): "\(reason)"
        case .userRequest: "userRequest"
        case .peerRequest: "peerRequest"
        case .peerLeaving: "peerLeaving"
        case .peerLostLink: "peerLostLink"
        case .payloadsNotDelivered: "payloadsNotDelivered"
        case .inactivity: "inactivity"
        case .retentionExpired: "retentionExpired"
        case .retentionLimit: "retentionLimit"
        case .noResponse: "noResponse"
        case .notRebuildable: "notRebuildable"
        case .replaced: "replaced"
        case .wrongKey: "wrongKey"
        case .versionMismatch: "versionMismatch"
        case .noKeyForPeer: "noKeyForPeer"
        case .peerNotProtected: "peerNotProtected"
        case .unknownPeer: "unknownPeer"
        case .noAnswer: "noAnswer"
        case .linkFound: "linkFound"
        case .linkGone: "linkGone"
        case .addressChanged: "addressChanged"
        case .peerGone: "peerGone"
        case .tooManyPeers: "tooManyPeers"
        case .linkMismatch: "linkMismatch"
        case .mldAddressTaken: "mldAddressTaken"
        case .mldAddressMismatch: "mldAddressMismatch"
        case .addressMismatch: "addressMismatch"
        case .channelMismatch: "channelMismatch"
        }
    }
}
