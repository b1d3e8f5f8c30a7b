/// How an agent is doing, as scripts read it.
public struct StatusReport: Codable, Equatable, Sendable {
    /// The agent's own MLD address.
    public var device: String
    /// The program's version.
    public var version: String
    /// The running kernel's release, as `uname -r` prints it.
    public var kernel: String
    /// The agent's process ID.
    public var processIdentifier: Int32
    /// Seconds since the agent started.
    public var uptimeSeconds: Double
    /// The agent's own links, in the order of configuration.
    public var links: [Link]
    /// The interface for the host's traffic; left out when none is configured.
    public var interface: Interface?
    /// How frames to and from the peers are protected: `psk`, or `open`, which is not at all.
    public var security: String?
    /// How peers are discovered; left out when they are not.
    public var discovery: Discovery?
    /// The peers: those that are configured, in their order, then those that are discovered.
    public var peers: [Peer]
    /// The sessions.
    public var sessions: [Session]
    /// Frames and payloads that changed nothing.
    public var discarded: Discarded
    /// The file that is recorded to; left out when none is.
    public var recording: String?

    /// Makes a report.
    public init(
        device: String, version: String, kernel: String, processIdentifier: Int32, uptimeSeconds: Double, links: [Link],
        interface: Interface? = nil, security: String? = nil, peers: [Peer], sessions: [Session], discarded: Discarded
    ) {
        self.device = device
        self.version = version
        self.kernel = kernel
        self.processIdentifier = processIdentifier
        self.uptimeSeconds = uptimeSeconds
        self.links = links
        self.interface = interface
        self.security = security
        self.peers = peers
        self.sessions = sessions
        self.discarded = discarded
    }
}

extension StatusReport {
    /// One of the agent's own links.
    public struct Link: Codable, Equatable, Sendable {
        /// Link ID, `0 ... 14`.
        public var id: Int
        /// The radio's name.
        public var wiphy: String
        /// The name of the monitor interface.
        public var interface: String
        /// `up` or `down`.
        public var state: String
        /// Why the link is down: one lowerCamelCase word.
        public var cause: String?
        /// What went wrong when the radio was last tried, in words.
        public var problem: String?
        /// The link MAC address; left out while unknown.
        public var address: String?
        /// Centre frequency of the primary channel in MHz.
        public var frequency: Int
        /// Where acknowledgments come from: `mac` or `frame`; left out while unknown.
        public var acknowledgment: String?
        /// The way in which the radio is held: `ap`, `ibss`, `active` or `plain`; left out while unknown.
        public var way: String?
        /// True if a frame to a peer was reported as acknowledged since the radio is held, so that what it reports is proved both ways;
        /// left out unless acknowledgments come from the MAC.
        public var acknowledgmentsProved: Bool?
        /// The largest number of payloads to a peer that may wait for their TX reports; left out unless acknowledgments come from the MAC.
        public var outstanding: Int?
        /// What the radio did since the agent started.
        public var counters: Counters

        /// Makes a link that is down.
        public init(id: Int, wiphy: String, interface: String, frequency: Int, counters: Counters) {
            self.id = id
            self.wiphy = wiphy
            self.interface = interface
            self.frequency = frequency
            self.counters = counters
            state = "down"
        }
    }

    /// What happened to frames on one link.
    public struct Counters: Codable, Equatable, Sendable {
        /// Frames handed to the radio.
        public var sent: UInt64 = 0
        /// Frames that the peer's radio acknowledged.
        public var acknowledged: UInt64 = 0
        /// Frames that the radio gave up.
        public var notAcknowledged: UInt64 = 0
        /// Frames for which the link had no room any more to match their TX reports.
        public var noStatus: UInt64 = 0
        /// Frames received.
        public var received: UInt64 = 0
        /// Frames received that say that their transmitter sleeps, which no agent sends; they were dropped.
        public var sleeping: UInt64 = 0
        /// Packets received that are no frames.
        public var malformed: UInt64 = 0
        /// Frames that came too fast for the agent and that the kernel dropped.
        public var missed: UInt64 = 0
        /// How often the radio could take no more just then.
        public var backPressure: UInt64 = 0
        /// Frames given up here because the queue to the radio was full, or the radio was gone.
        public var dropped: UInt64 = 0

        /// Makes counters at zero.
        public init() {}
    }

    /// What was received or handed over and changed nothing, by cause.
    public struct Discarded: Codable, Equatable, Sendable {
        /// Frames that could not be read.
        public var malformed = 0
        /// Frames from a radio of no peer.
        public var unknownSender = 0
        /// Frames of other protocols or versions, or for other devices.
        public var foreign = 0
        /// Frames that came too late to mean anything.
        public var stale = 0
        /// Payloads received before.
        public var duplicatePayloads = 0
        /// Payloads beyond the window, or for a session that is not known.
        public var unexpectedPayloads = 0
        /// Payloads of the host that were not accepted.
        public var refusedPayloads = 0
        /// Payloads of the host that waited for too long in a session that lives, and were dropped for those behind them (CoDel).
        public var droppedPayloads = 0

        /// Makes counters at zero.
        public init() {}
    }

    /// A peer.
    public struct Peer: Codable, Equatable, Sendable {
        /// Its MLD address.
        public var device: String
        /// Its name in the configuration.
        public var name: String?
        /// How it is known: `configured` or `discovered`.
        public var origin: String?
        /// What it supports, words in lowerCamelCase; left out as long as it did not say.
        public var supports: [String]?
        /// Payloads of the host for it that were not accepted; left out while there is none.
        public var refusedPayloads: Int?
        /// `true` while nothing is sent to it, because this agent is silent and no session is wanted; otherwise left out.
        public var dormant: Bool?
        /// Its links.
        public var links: [PeerLink]
        /// What protects frames between this device and the peer; left out when nothing does.
        public var security: PeerSecurity?

        /// Makes a peer.
        public init(device: String, name: String?, links: [PeerLink]) {
            self.device = device
            self.name = name
            self.links = links
        }
    }

    /// A link to a peer.
    public struct PeerLink: Codable, Equatable, Sendable {
        /// Link ID, `0 ... 14`.
        public var id: Int
        /// The peer's link MAC address.
        public var address: String
        /// `unknown`, `alive`, `suspect`, `lost` or `down`.
        public var health: String
        /// The share of transmissions that were acknowledged lately, `0 ... 1`.
        public var deliveryRatio: Double
        /// The number of times that it came in doubt; of many in a row, only some are told in events.
        public var doubts: Int?
        /// How strongly it is heard, in dBm; left out when it was not, or the radio does not tell.
        public var signal: Int?
        /// The number of transmissions that got no TX report in time: their fate is not known.
        public var unreported: Int?
        /// How many seconds payloads have been on their way to it here, all in all: on the air, waiting for it, or being repeated.
        public var busySeconds: Double?
        /// How many seconds ago its agent was last heard here; left out when it was not.
        public var lastSeenSeconds: Double?
        /// The kernel's report of the peer's radio as a station; left out where it is none.
        public var station: Station?

        /// Makes a link to a peer.
        public init(
            id: Int, address: String, health: String, deliveryRatio: Double, doubts: Int? = nil, signal: Int? = nil,
            busySeconds: Double? = nil, lastSeenSeconds: Double? = nil
        ) {
            self.id = id
            self.address = address
            self.health = health
            self.deliveryRatio = deliveryRatio
            self.doubts = doubts
            self.signal = signal
            self.busySeconds = busySeconds
            self.lastSeenSeconds = lastSeenSeconds
        }
    }

    /// A session.
    public struct Session: Codable, Equatable, Sendable {
        /// The session identifier, sixteen hexadecimal digits.
        public var session: String
        /// The peer's MLD address.
        public var peer: String
        /// Its TID, `0 ... 7`.
        public var tid: Int
        /// The agent's part: `initiator` or `receiver`.
        public var role: String
        /// The state's name.
        public var state: String
        /// The link it lives on, or where the peer sent last when it lives on several; left out while it lives on none.
        public var link: Int?
        /// All links it lives on.
        public var links: [Int] = []
        /// Links on which its payloads do not get through, whatever their radios acknowledge; left out where there is none.
        public var failingLinks: [Int]?
        /// Whether both ends support rebuild.
        public var rebuildable: Bool
        /// Whether both ends let it live on several links.
        public var shareable: Bool
        /// How often it was rebuilt.
        public var rebuilds: Int
        /// The next sequence number to send or expected.
        public var resumptionPosition: UInt32
        /// Payloads that wait in it.
        public var queued: Int

        /// Makes a session without a link.
        public init(
            session: String, peer: String, tid: Int, role: String, state: String, rebuildable: Bool, shareable: Bool,
            rebuilds: Int,
            resumptionPosition: UInt32, queued: Int
        ) {
            self.session = session
            self.peer = peer
            self.tid = tid
            self.role = role
            self.state = state
            self.rebuildable = rebuildable
            self.shareable = shareable
            self.rebuilds = rebuilds
            self.resumptionPosition = resumptionPosition
            self.queued = queued
        }
    }
}
