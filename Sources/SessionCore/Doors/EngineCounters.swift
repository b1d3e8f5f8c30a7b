/// Frames that changed nothing, counted by cause: nothing is dropped silently.
public struct EngineCounters: Equatable, Sendable {
    /// Frames that could not be read.
    public var malformed = 0
    /// Frames from a radio of no configured peer, or of a peer that is not who the frame says.
    public var unknownSender = 0
    /// Frames of other protocols or versions, or that were not for this device.
    public var foreign = 0
    /// Duplicate, late or reordered frames that came too late to mean anything (`REB-8`).
    public var stale = 0
    /// Payloads received before (`REB-3`).
    public var duplicatePayloads = 0
    /// Payloads beyond the window, or for a session that is not known.
    public var unexpectedPayloads = 0
    /// Payloads of the host that were not accepted: no such peer, its sessions used up by other TIDs, or the session's queue full.
    public var refusedPayloads = 0

    /// Payloads of the host that waited for too long in a session that lives, and were dropped for those behind them.
    public var droppedPayloads = 0
    /// Frames of peers with a key that were refused because of it.
    public var security = SecurityRefusals()
    /// Announcements that were refused.
    public var announcements = AnnouncementRefusals()

    /// All zero.
    public init() {}
}

extension EngineCounters {
    mutating func count(_ error: SessionFrameError) {
        switch error {
        case .versionNotSupported, .unknownType: foreign += 1
        case .truncated, .corrupted, .inconsistentLength: malformed += 1
        }
    }
}

/// Announcements that changed nothing, by cause.
public struct AnnouncementRefusals: Equatable, Sendable {
    /// Of another version of the protocol.
    public var otherVersion = 0
    /// That name another link than the one they came on.
    public var otherLink = 0
    /// That bear an address of this device.
    public var ownAddress = 0
    /// That claim the radio of another peer, or another radio for a link that is in use or configured.
    public var addressTaken = 0
    /// Of devices for which there is no key, or that use none.
    public var noKey = 0
    /// Of devices beyond the number of peers that are discovered.
    public var tooManyPeers = 0
    /// That came too fast.
    public var tooFast = 0

    /// All zero.
    public init() {}
}

/// Frames between this device and a peer with a key that changed nothing at all, by cause. None of them counts as heard.
public struct SecurityRefusals: Equatable, Sendable {
    /// Frames without protection.
    public var unprotected = 0
    /// Frames, or handshake messages, whose tag does not match: forged, damaged, or made with another key.
    public var notAuthentic = 0
    /// Frames that came before, or so late that nobody knows any more.
    public var replayed = 0
    /// Frames under keys that this device does not have (any more).
    public var unknownKey = 0
    /// Data frames that were sent on another link.
    public var wrongLink = 0
    /// Handshake messages that nobody waits for.
    public var lateHandshakes = 0
    /// Handshake messages beyond the number that is looked at.
    public var tooManyHandshakes = 0

    /// All zero.
    public init() {}

    /// The sum.
    static func + (left: SecurityRefusals, right: SecurityRefusals) -> SecurityRefusals {
        var sum = left
        for cause in causes { sum[keyPath: cause] += right[keyPath: cause] }
        return sum
    }

    private static var causes: [WritableKeyPath<SecurityRefusals, Int>] {
        [
            \.unprotected, \.notAuthentic, \.replayed, \.unknownKey, \.wrongLink, \.lateHandshakes, \.tooManyHandshakes,
        ]
    }
}
