/// What a medium counted since its start. A frame is counted for each radio of its link that could hear it.
public struct MediumCounters: Codable, Equatable, Sendable {
    /// What all randomness came from.
    public var seed: UInt64
    /// For each link, sender and hearer.
    public var directions: [DirectionCounters]
    /// For each radio.
    public var radios: [RadioCounters]
    /// Frames of radios that are not in the script, or not on the channel of their link; nobody heard them.
    public var strangers: Int
}

/// One direction of one link.
public struct DirectionCounters: Codable, Equatable, Sendable {
    /// The link.
    public var link: Int
    /// Who sent.
    public var from: String
    /// Who could hear it.
    public var to: String
    /// Frames on the air, each try counted.
    public var frames = 0
    /// Of these, taken by the radio.
    public var delivered = 0
    /// Of these, lost on the way.
    public var lost = 0
    /// Of these, received by the radio and not handed over to its host.
    public var withheld = 0
    /// Of these, refused by the radio, because it was off or on another channel.
    public var refused = 0
    /// Acknowledgments that travelled this way.
    public var acknowledgments = 0
    /// Of these, lost on the way.
    public var acknowledgmentsLost = 0
}

/// One radio as a sender.
public struct RadioCounters: Codable, Equatable, Sendable {
    /// The link.
    public var link: Int
    /// The radio.
    public var name: String
    /// Frames that it was given to send.
    public var frames = 0
    /// Of these, reported as acknowledged.
    public var acknowledged = 0
    /// Of these, reported as not acknowledged although somebody should have.
    public var unacknowledged = 0
    /// Of these, dropped because too many waited.
    public var dropped = 0
    /// Tries after the first.
    public var retries = 0
    /// How long it occupied the air.
    public var airtimeMicroseconds: Int64 = 0
}
