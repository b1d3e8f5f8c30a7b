import IEEE80211
import SessionCore

/// What a report shows, whatever it was made of. Times are nanoseconds since 1970.
public struct ReportModel: Sendable {
    /// One of the two devices.
    public struct Device: Sendable, Encodable {
        /// What people call it.
        public var name: String
        /// Whether its own recording is part of the report.
        public var isRecorded: Bool
    }

    /// A link between them.
    public struct Lane: Sendable, Encodable {
        /// The link ID, or a number of the report's own where the air does not tell.
        public var link: Int
        /// Centre frequency in MHz, where it is known.
        public var frequency: Int?
    }

    /// A frame on its way from one device to the other.
    public struct Frame: Sendable {
        /// When it was sent, or heard where nobody knows.
        public var sent: Int64
        /// When it was received, where that is known, too.
        public var received: Int64?
        /// The index of its lane.
        public var lane: Int
        /// The index of its sender.
        public var sender: Int
        /// What it is.
        public var kind: Kind
        /// What became of it.
        public var fate: Fate
        /// The frame, decoded.
        public var text: String
    }

    /// What a frame is; the numbers are those of the page.
    public enum Kind: UInt8, Sendable { case payload, blockAcknowledgment, session, heartbeat, acknowledgment, other }

    /// What became of a frame.
    public enum Fate: UInt8, Sendable { case unknown, arrived, lost }

    /// How something was for a while, at one device.
    public struct Band: Sendable, Encodable {
        /// The index of the device.
        public var device: Int
        /// The index of the lane; `nil` for the session.
        public var lane: Int?
        /// `alive`, `suspect`, `lost`, `down`, `unknown`, or the state of a session.
        public var state: String
        /// From when on, in milliseconds of the report.
        public var from: Double
        /// Until when.
        public var to: Double
        /// What began it, for people.
        public var text: String
    }

    /// Something counted over time.
    public struct Series: Sendable {
        /// What is counted.
        public var name: String
        /// Which window: those of one session and direction belong together.
        public var group: String
        /// When it changed, and to what.
        public var points: [(instant: Int64, value: Double)]
    }

    /// A loss, and how the session came back. Milliseconds of the report.
    public struct Failover: Sendable, Encodable {
        /// The session.
        public var session: String
        /// Whose events these are; `nil` when only the air tells.
        public var device: Int?
        /// The lane that was lost.
        public var lostLane: Int?
        /// The lane on which the session came back.
        public var newLane: Int?
        /// The last frame on the lost link that arrived.
        public var lastGood: Double?
        /// When the link was held for lost.
        public var declared: Double?
        /// When the rebuild was asked for.
        public var requested: Double
        /// When it was acknowledged.
        public var acknowledged: Double?
        /// The first payload on the new link.
        public var firstNew: Double?
        /// When all that had been sent before was acknowledged.
        public var drained: Double?
    }

    /// The choice by the kernel or the card of the rates of what a device sent on a link, by the kernel's reports.
    public struct Rates: Equatable, Sendable, Encodable {
        /// The index of the device.
        public var device: Int
        /// The index of the lane.
        public var lane: Int
        /// The rates in the first and the last second in which frames were sent, and the median of all those, in Mb/s.
        public var first: Double
        /// See `first`.
        public var median: Double
        /// See `first`.
        public var last: Double
        /// The last MCS: `MCS 15`, `VHT MCS 8x2` with two streams; `nil` for a legacy rate.
        public var modulation: String?
        /// The throughput that rate control last expected, in Mb/s; `nil` where it gave none.
        public var expectedThroughput: Double?
        /// Frames sent.
        public var frames: Int
        /// Transmissions that had to be repeated.
        public var retries: Int
        /// Frames that were given up.
        public var failures: Int
    }

    /// Something that a device told.
    public struct Told: Sendable, Encodable {
        /// When, in milliseconds of the report.
        public var time: Double
        /// The index of the device.
        public var device: Int
        /// What.
        public var text: String
    }

    /// The two devices; the first is the one above.
    public var devices: [Device] = []
    /// The links, in their order.
    public var lanes: [Lane] = []
    /// The frames, in the order of time.
    public var frames: [Frame] = []
    /// How links and sessions were.
    public var bands: [Band] = []
    /// What was sent, acknowledged and delivered.
    public var series: [Series] = []
    /// The losses.
    public var failovers: [Failover] = []
    /// The rates of what was sent, by device and lane.
    public var rates: [Rates] = []
    /// What the devices told.
    public var told: [Told] = []
    /// What a reader should know of how this was made.
    public var notes: [String] = []
    /// When the report begins.
    public var origin: Int64 = 0
    /// When it ends.
    public var end: Int64 = 0

    /// Milliseconds of the report.
    func milliseconds(_ instant: Int64) -> Double { Double(instant &- origin) / 1e6 }
}

/// A frame where it was sent, received or overheard.
struct Sighting {
    enum Place { case sent, received, overheard }

    var time: Int64
    var place: Place
    var link: Int
    var frequency: Int?
    var sender: MACAddress
    var receiver: MACAddress
    var mpdu: [UInt8]
    /// Whether the receiver's radio acknowledged it.
    var isAcknowledged: Bool?

    /// The frame without what radios change on its way: the retry flag, the duration and the sequence number.
    var fingerprint: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(link)
        for (index, octet) in mpdu.enumerated() {
            var octet = octet
            if index == 1 { octet &= 0xf7 }
            if index == 2 || index == 3 || index == 22 || index == 23 { octet = 0 }
            hash = (hash ^ UInt64(octet)) &* 0x100_0000_01b3
        }
        return hash
    }
}
