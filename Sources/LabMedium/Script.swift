import IEEE80211
import VirtualAir

/// What a medium is told before it starts: links, radios, settings, and what changes when.
public struct Script: Decodable, Equatable, Sendable {
    /// The links.
    public var links: [LinkSection]
    /// The radios. Radios that are not listed are strangers: nobody hears them.
    public var radios: [RadioSection]
    /// What holds from the start on, applied in this order.
    public var settings: [Change]
    /// What changes while the medium runs.
    public var changes: [TimedChange]

    enum CodingKeys: String, CodingKey, CaseIterable { case links, radios, settings, changes }

    /// Makes a script.
    public init(
        links: [LinkSection], radios: [RadioSection], settings: [Change] = [], changes: [TimedChange] = []
    ) {
        self.links = links
        self.radios = radios
        self.settings = settings
        self.changes = changes
    }

    /// Reads a script; `settings` and `changes` may be missing, unknown keys are errors.
    public init(from decoder: any Decoder) throws {
        try AnyKey.refuseOthers(than: CodingKeys.self, in: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        links = try container.decode([LinkSection].self, forKey: .links)
        radios = try container.decode([RadioSection].self, forKey: .radios)
        settings = try container.decodeIfPresent([Change].self, forKey: .settings) ?? []
        changes = try container.decodeIfPresent([TimedChange].self, forKey: .changes) ?? []
    }
}

/// One link: a channel that its radios share.
public struct LinkSection: Decodable, Equatable, Sendable {
    /// What changes and counters call it.
    public var id: Int
    /// The centre of its channel in MHz.
    public var frequency: UInt32
    /// Whether all its radios take turns, as on one channel; otherwise each has the air for itself.
    public var shared: Bool

    enum CodingKeys: String, CodingKey, CaseIterable { case id, frequency, shared }

    /// Makes a link.
    public init(id: Int, frequency: UInt32, shared: Bool = true) {
        self.id = id
        self.frequency = frequency
        self.shared = shared
    }

    /// Reads a link; `shared` may be missing.
    public init(from decoder: any Decoder) throws {
        try AnyKey.refuseOthers(than: CodingKeys.self, in: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(Int.self, forKey: .id)
        frequency = try container.decode(UInt32.self, forKey: .frequency)
        shared = try container.decodeIfPresent(Bool.self, forKey: .shared) ?? true
    }
}

/// One radio of mac80211_hwsim. It is on one link; what it sends on another channel nobody hears.
public struct RadioSection: Decodable, Equatable, Sendable {
    /// What changes and counters call it; the radios of a device may have the same name, one on each link.
    public var name: String
    /// The link that it is on.
    public var link: Int
    /// Its permanent address, as `/sys/class/ieee80211/phyN/macaddress` tells it.
    public var hwsim: String
    /// The address that it has on the air; frames to it are acknowledged.
    public var address: String
    /// Whether it acknowledges: a plain monitor does not.
    public var acknowledges: Bool

    enum CodingKeys: String, CodingKey, CaseIterable { case name, link, hwsim, address, acknowledges }

    /// Makes a radio.
    public init(name: String, link: Int, hwsim: String, address: String, acknowledges: Bool = true) {
        self.name = name
        self.link = link
        self.hwsim = hwsim
        self.address = address
        self.acknowledges = acknowledges
    }

    /// Reads a radio; `acknowledges` may be missing.
    public init(from decoder: any Decoder) throws {
        try AnyKey.refuseOthers(than: CodingKeys.self, in: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        link = try container.decode(Int.self, forKey: .link)
        hwsim = try container.decode(String.self, forKey: .hwsim)
        address = try container.decode(String.self, forKey: .address)
        acknowledges = try container.decodeIfPresent(Bool.self, forKey: .acknowledges) ?? true
    }
}

/// New settings for links and directions. What is `nil` stays as it is.
public struct Change: Decodable, Equatable, Sendable {
    /// On which link; `nil`: on all.
    public var link: Int?
    /// For what this radio sends; `nil`: any.
    public var from: String?
    /// For what comes to this radio; `nil`: any.
    public var to: String?
    /// Nothing gets through in this direction, neither frames nor acknowledgments.
    public var cut: Bool?
    /// The share of frames in this direction that get lost, `0 ... 1`; of those alone that `kinds` and `longerThan` select.
    public var loss: Double?
    /// True if a radio hands what it received in this direction over to its host. Where it does not, it acknowledges all the same; of frames
    /// that `kinds` and `longerThan` select.
    public var handsOver: Bool?
    /// The kinds of frames that `loss` and `handsOver` are about; all to begin with.
    public var kinds: Set<SelectedKind>?
    /// `loss` and `handsOver` are about frames with more octets than this, from the MAC header on, without frame check sequence.
    public var longerThan: Int?
    /// The share of acknowledgments that travel in this direction and get lost, `0 ... 1`.
    public var acknowledgmentLoss: Double?
    /// From the end of a frame's time on the air to its arrival in the receiver's host, in microseconds.
    public var delayMicroseconds: Int64?
    /// A random time more, up to this, in microseconds.
    public var jitterMicroseconds: Int64?
    /// Whether a frame may overtake another in its own direction; otherwise it waits for the one before it.
    public var reorders: Bool?
    /// How fast frames go over the air on the link; 0: they take no time. Not for single directions.
    public var bitsPerSecond: Int64?
    /// How often a radio on the link sends a frame again that was not acknowledged, `0 ... 255`. Not for single directions.
    public var retries: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case link, from, to, cut, loss, handsOver, kinds, longerThan, acknowledgmentLoss
        case delayMicroseconds, jitterMicroseconds, reorders, bitsPerSecond, retries
    }

    /// Makes a change that changes nothing yet.
    public init(link: Int? = nil, from: String? = nil, to: String? = nil) {
        self.link = link
        self.from = from
        self.to = to
    }

    /// Reads a change; unknown keys are errors.
    public init(from decoder: any Decoder) throws {
        try AnyKey.refuseOthers(than: CodingKeys.self, in: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        link = try container.decodeIfPresent(Int.self, forKey: .link)
        from = try container.decodeIfPresent(String.self, forKey: .from)
        to = try container.decodeIfPresent(String.self, forKey: .to)
        cut = try container.decodeIfPresent(Bool.self, forKey: .cut)
        loss = try container.decodeIfPresent(Double.self, forKey: .loss)
        handsOver = try container.decodeIfPresent(Bool.self, forKey: .handsOver)
        kinds = try container.decodeIfPresent(Set<SelectedKind>.self, forKey: .kinds)
        longerThan = try container.decodeIfPresent(Int.self, forKey: .longerThan)
        acknowledgmentLoss = try container.decodeIfPresent(Double.self, forKey: .acknowledgmentLoss)
        delayMicroseconds = try container.decodeIfPresent(Int64.self, forKey: .delayMicroseconds)
        jitterMicroseconds = try container.decodeIfPresent(Int64.self, forKey: .jitterMicroseconds)
        reorders = try container.decodeIfPresent(Bool.self, forKey: .reorders)
        bitsPerSecond = try container.decodeIfPresent(Int64.self, forKey: .bitsPerSecond)
        retries = try container.decodeIfPresent(Int.self, forKey: .retries)
    }
}

/// A change with its time.
public struct TimedChange: Decodable, Equatable, Sendable {
    /// When, in milliseconds from the start of the medium.
    public var atMilliseconds: Int64
    /// What changes.
    public var change: Change

    enum CodingKeys: String, CodingKey, CaseIterable { case atMilliseconds, change }

    /// Makes a timed change.
    public init(atMilliseconds: Int64, change: Change) {
        self.atMilliseconds = atMilliseconds
        self.change = change
    }

    /// Reads a timed change; unknown keys are errors.
    public init(from decoder: any Decoder) throws {
        try AnyKey.refuseOthers(than: CodingKeys.self, in: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        atMilliseconds = try container.decode(Int64.self, forKey: .atMilliseconds)
        change = try container.decode(Change.self, forKey: .change)
    }
}

/// Any key of an object, to find those that nobody knows.
struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int?

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }

    /// A misspelt setting must not pass for one that is left out.
    static func refuseOthers<Keys: CodingKey & CaseIterable>(than known: Keys.Type, in decoder: any Decoder) throws {
        let names = Set(Keys.allCases.map(\.stringValue))
        for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !names.contains(key.stringValue) {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "there is no setting \(key.stringValue)"))
        }
    }
}
