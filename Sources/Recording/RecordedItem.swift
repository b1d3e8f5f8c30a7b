import IEEE80211
import SessionCore

/// One thing that a recording tells: how it begins, what the core was handed, and what it said.
public enum RecordedItem: Equatable, Sendable {
    /// The head of a file.
    case start(RecordingStart)
    /// The core was handed something.
    case input(Input, MonotonicInstant)
    /// The core said something, in answer to the inputs before.
    case output(RecordedOutput, MonotonicInstant)
    /// The core had no more to say.
    case turnEnd
    /// The kernel's report of a peer's radio meanwhile, of which the core was handed nothing.
    case station(RecordedStation, MonotonicInstant)
}

/// How a recording, or a further file of it, begins.
public struct RecordingStart: Equatable, Sendable {
    /// Where the core's randomness comes from.
    public var seed: UInt64
    /// Nanoseconds to add to a monotonic instant for nanoseconds since 1970.
    public var clockOffset: Int64
    /// Which file of the recording this is, from 0 on.
    public var part: UInt32
    /// Whether the core had been at work already: what it knew by then is in no file.
    public var isMidway: Bool
    /// Whether frames are protected: the secrets that this takes are in no recording.
    public var isProtected: Bool
    /// How many octets of each payload are kept: what decisions are the same with, and no more of it is compared. `nil`: all.
    public var keptOctets: Int?
    /// The agent's configuration with every key, as a configuration file (TOML).
    public var configuration: String
    /// The links, in the order of the file's interfaces.
    public var links: [LinkIdentifier]

    /// Makes a head.
    public init(
        seed: UInt64, clockOffset: Int64, part: UInt32 = 0, isMidway: Bool = false, isProtected: Bool = false,
        keptOctets: Int? = nil, configuration: String, links: [LinkIdentifier]
    ) {
        self.seed = seed
        self.clockOffset = clockOffset
        self.part = part
        self.isMidway = isMidway
        self.isProtected = isProtected
        self.keptOctets = keptOctets
        self.configuration = configuration
        self.links = links
    }
}

/// A radio as a file's interface describes it.
public struct RecordedInterface: Equatable, Sendable {
    /// The link.
    public var link: LinkIdentifier
    /// The name of the interface.
    public var name: String
    /// Centre frequency of the channel in MHz.
    public var frequency: UInt16
    /// The link MAC address, as far as it is known.
    public var address: MACAddress?

    /// Makes a description.
    public init(link: LinkIdentifier, name: String, frequency: UInt16, address: MACAddress?) {
        self.link = link
        self.name = name
        self.frequency = frequency
        self.address = address
    }
}

/// What the core said; see `Output`.
public enum RecordedOutput: Equatable, Sendable {
    /// See `Output.transmit`.
    case transmit(link: LinkIdentifier, number: TransmissionNumber, mpdu: [UInt8])
    /// See `Output.deliver`.
    case deliver(Payload, peer: MACAddress, tid: TrafficIdentifier)
    /// See `Output.event`.
    case event(RecordedEvent)

    /// Makes it of the core's own.
    public init(_ output: Output) {
        switch output {
        case .transmit(let link, let number, let mpdu): self = .transmit(link: link, number: number, mpdu: mpdu)
        case .deliver(let payload, let peer, let tid): self = .deliver(payload, peer: peer, tid: tid)
        case .event(let event): self = .event(RecordedEvent(event))
        }
    }
}

/// An event in words, so that those of other versions can be read, too.
public struct RecordedEvent: Equatable, Sendable {
    /// What happened: `Event.Kind` as a word.
    public var kind: String
    /// Why: `EventCause` as a word.
    public var cause: String?
    /// The part that this agent plays in the session: `SessionRole` as a word.
    public var role: String?
    /// The peer's MLD address.
    public var peer: MACAddress?
    /// The link.
    public var link: LinkIdentifier?
    /// The session.
    public var session: SessionIdentifier?
    /// The session's TID.
    public var tid: TrafficIdentifier?
    /// How long it took, in nanoseconds.
    public var elapsed: Int64?
    /// Session frames sent for it.
    public var frames: Int?
    /// Payloads lost.
    public var framesLost: Int?
    /// When a rebuild was confirmed, in nanoseconds since its first request.
    public var confirmed: Int64?
    /// The length of the shortest payload that it is about.
    public var length: Int?
    /// The links of a shared session.
    public var links: LinkSet

    /// Makes an event with a kind alone.
    public init(kind: String) {
        self.kind = kind
        links = []
    }

    /// Makes it of the core's own.
    public init(_ event: Event) {
        kind = event.kind.rawValue
        cause = event.cause?.name
        role = event.session?.role.rawValue
        peer = event.peer
        link = event.link
        session = event.session?.identifier
        tid = event.session?.tid
        elapsed = event.elapsed?.nanoseconds
        frames = event.frames
        framesLost = event.framesLost
        length = event.length
        confirmed = event.confirmed?.nanoseconds
        links = event.links
    }

    /// The time that the session was live already when this was told, in nanoseconds: a rebuild is told when the peer's agent has confirmed it,
    /// and the session lives from the acknowledgment of the request on (`REB-6`). 0 for other events.
    public var liveBefore: Int64 { max(0, (confirmed ?? 0) - (elapsed ?? 0)) }
}

/// What the blocks of a recording are (docs/recording.md).
enum RecordingFormat {
    /// The type of this project's own blocks: one of those that are left to local use, which other readers skip.
    static let blockType: UInt32 = 0x8052_4c4b
    /// What such a block begins with, so that nobody else's is taken for one.
    static let magic: [UInt8] = Array("RLNK".utf8)
    static let magicNumber: UInt32 = 0x4b4e_4c52
    /// Version 1 kept payloads whole, and said nothing of that; version 2 had no stations.
    static let version: UInt8 = 3
    /// From this kind on blocks decide nothing: those that are not known are skipped.
    static let firstAside: UInt8 = 32
    /// What is kept of a frame with a payload beside what is kept of the payload: at least all that stands before it.
    static let frameRoom = 64
    /// Longer payloads and frames are kept whole, so that a short file can't make somebody hold much.
    static let longestCut = 4096
    static let longestRadiotap = 14
    /// The first octet of a QoS Data frame.
    static let qosData: UInt8 = 0x88

    enum Kind: UInt8 {
        case start = 0
        case linkUp, linkDown, transmissionReported, payload, command, deadlineReached
        case turnEnd = 16
        case deliver, event
        case station = 32
    }

    enum CommandKind: UInt8 { case connect, close, share, shutDown }

    enum Block {
        static let sectionHeader: UInt32 = 0x0a0d_0d0a
        static let interfaceDescription: UInt32 = 1
        static let enhancedPacket: UInt32 = 6
    }

    /// The direction bits of `epb_flags`.
    enum Direction: UInt32 { case inbound = 1, outbound = 2 }
}
