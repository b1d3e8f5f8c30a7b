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
