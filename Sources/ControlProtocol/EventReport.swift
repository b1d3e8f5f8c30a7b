/// One event of an agent, as scripts read it. Keys that do not apply are left out of the JSON.
public struct EventReport: Codable, Equatable, Sendable {
    /// What happened, one lowerCamelCase word.
    public var event: String
    /// When, on the agent's machine: nanoseconds of `CLOCK_MONOTONIC`.
    public var monotonicNanoseconds: Int64
    /// When, by the agent's wall clock: UTC, `2026-01-01T00:00:00.000000Z`.
    public var wallClock: String
    /// The MLD address of the agent that tells it.
    public var device: String
    /// The peer's MLD address.
    public var peer: String?
    /// The link ID, `0 ... 14`.
    public var link: Int?
    /// The session identifier, sixteen hexadecimal digits.
    public var session: String?
    /// The session's TID, `0 ... 7`.
    public var tid: Int?
    /// The agent's part in the session: `initiator` or `receiver`.
    public var role: String?
    /// Why, one lowerCamelCase word.
    public var cause: String?
    /// How long what just ended took, in microseconds.
    public var elapsedMicroseconds: Int64?
    /// Session frames sent for what just ended, without acknowledgments.
    public var frames: Int?
    /// Frames that were accepted from the host and are lost.
    public var framesLost: Int?
    /// For `rebuilt` at the initiator: how long after its first request the peer's agent confirmed it, in microseconds.
    public var confirmedMicroseconds: Int64?
    /// The length of the shortest payload that the event is about, in bytes.
    public var length: Int?
    /// The IDs of the links that a shared session lives on, or is to live on.
    public var links: [Int]?
    /// Where acknowledgments come from on `link`: `mac` or `frame`.
    public var acknowledgment: String?

    /// Makes a report with what every event has.
    public init(event: String, monotonicNanoseconds: Int64, wallClock: String, device: String) {
        self.event = event
        self.monotonicNanoseconds = monotonicNanoseconds
        self.wallClock = wallClock
        self.device = device
    }
}

extension EventReport {
    /// The time that the session was live already when this was told, in nanoseconds: a rebuild is told when the peer's agent has confirmed it,
    /// and the session lives from the acknowledgment of the request on (`REB-6`). 0 for other events.
    public var liveBefore: Int64 { max(0, (confirmedMicroseconds ?? 0) - (elapsedMicroseconds ?? 0)) * 1000 }
}
