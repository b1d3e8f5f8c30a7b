import DequeModule
import IEEE80211
import SessionCore

/// A medium between radios of mac80211_hwsim: decides what becomes of each frame and when. Pure: time, frames and the seed
/// come in, deliveries and reports go out.
///
/// After every call, take outputs until there are none, then wait for `nextDeadline`; tell `handedOver` right after each delivery.
///
/// A frame waits for its turn on the air (`LinkSection.shared`), occupies it as long as the link's rate says, with its FCS and
/// the acknowledgment that it asks for, and then every other radio of the link hears it or not, each with luck of its own. If the
/// radio that it is for hears it, that radio acknowledges, at once and whatever its host does, and the acknowledgment
/// has luck of its own on the way back. A sender that hears none repeats the frame with the Retry bit set, ahead of all that waits,
/// until it has no retries left; then the report says so. Each try that is heard is delivered: a lost acknowledgment makes duplicates,
/// which the receiver's mac80211 takes out for stations, and which a monitor interface sees.
public struct Medium {
    /// A direction, by its place in `directions`.
    struct Path: Hashable, Sendable { let index: Int }

    struct Radio {
        let section: RadioSection
        let hwsim: MACAddress
        let address: MACAddress
        let link: Int
        let lane: Int
        var paths: [Path] = []
        /// True if it took what it was last handed; what is delayed, or not handed over, is acknowledged before it can refuse.
        var listens = true
        var counters: RadioCounters
    }

    struct Direction {
        let from: Int
        let to: Int
        let back: Path
        var settings = DirectionSettings()
        var luck: SeededRandom
        var acknowledgmentLuck: SeededRandom
        var lastArrival = MonotonicInstant(nanoseconds: .min)
        var counters: DirectionCounters
    }

    struct Attempt {
        var transmission: Transmission
        let sender: Int
        var tries = 1
        var end = MonotonicInstant(nanoseconds: 0)
    }

    /// Frames that can't be on the air at the same time.
    struct Lane {
        let link: Int
        var waiting: Deque<Attempt> = []
        var onAir: Attempt?
    }

    struct Arrival {
        let instant: MonotonicInstant
        let delivery: Delivery
    }

    /// A try whose time is over, while the radios are being handed it.
    struct Conclusion {
        let lane: Int
        let path: Path?
        var isHeard: Bool
    }

    /// hwsim drops the oldest frames of a radio when so many wait, until fewer than `queueFloor` are left.
    public static let queueLimit = 200
    /// How many frames of a radio may stay when too many wait.
    public static let queueFloor = 100

    private let seed: UInt64
    private let keepsAir: Bool
    var links: [LinkSettings]
    var radios: [Radio]
    var directions: [Direction]
    var lanes: [Lane]
    var arrivals: Deque<Arrival> = []
    var outputs: Deque<MediumOutput> = []
    var conclusion: Conclusion?
    private var radioByHwsim: [MACAddress: Int]
    private var changes: Deque<(instant: MonotonicInstant, change: Change)> = []
    private var strangers = 0

    /// Makes a medium.
    ///
    /// - Parameters:
    ///   - seed: what all randomness comes from. Each direction has luck of its own, so that the n-th frame of a direction has the
    ///     same fate in every run with this seed.
    ///   - keepsAir: whether there shall be `heard` outputs.
    ///   - now: when it starts.
    public init(script: Script, seed: UInt64, keepsAir: Bool = false, now: MonotonicInstant) throws(ScriptError) {
        self.seed = seed
        self.keepsAir = keepsAir
        links = []
        for section in script.links {
            guard !links.contains(where: { $0.section.id == section.id }) else { throw .linkTwice(section.id) }
            links.append(LinkSettings(section: section))
        }
        radios = try Self.radios(of: script, links: links)
        radioByHwsim = [:]
        for (index, radio) in radios.enumerated() {
            guard radioByHwsim.updateValue(index, forKey: radio.hwsim) == nil else {
                throw .radioTwice(radio.section.name)
            }
        }
        let laneLinks = links.indices + radios.map(\.link)
        lanes = laneLinks.map { Lane(link: $0) }
        directions = []
        makeDirections()
        for change in script.settings { try apply(change) }
        for timed in script.changes.sorted(by: { $0.atMilliseconds < $1.atMilliseconds }) {
            guard timed.atMilliseconds >= 0 else { throw .outOfRange(setting: "atMilliseconds") }
            try check(timed.change)
            changes.append((now + .milliseconds(timed.atMilliseconds), timed.change))
        }
    }

    /// The address by which hwsim names a radio on its netlink interface: its second one, in which one bit more is set.
    public static func hwsimAddress(ofPermanent address: MACAddress) -> MACAddress {
        MACAddress(rawValue: address.rawValue | 0x4000_0000_0000)
    }

    /// Takes a frame that a radio has to send.
    public mutating func transmit(_ transmission: Transmission, now: MonotonicInstant) {
        guard let sender = radioByHwsim[transmission.radio],
            links[radios[sender].link].section.frequency == transmission.frequency
        else {
            strangers += 1
            outputs.append(.report(report(of: transmission, isAcknowledged: false, tries: 1)))
            return
        }
        radios[sender].counters.frames += 1
        let lane = radios[sender].lane
        makeRoom(for: sender, in: lane)
        lanes[lane].waiting.append(Attempt(transmission: transmission, sender: sender))
        startNext(in: lane, at: now)
    }

    /// Tells whether a radio took a delivery: call it right after the output, since the acknowledgment depends on it.
    public mutating func handedOver(_ delivery: Delivery, isTaken: Bool) {
        let path = delivery.path.index
        radios[directions[path].to].listens = isTaken
        if isTaken {
            directions[path].counters.delivered += 1
        } else {
            directions[path].counters.refused += 1
            if conclusion?.path == delivery.path { conclusion?.isHeard = false }
        }
    }

    /// Changes settings at once. Frames that are on the air already meet the new ones at their end.
    public mutating func apply(_ change: Change) throws(ScriptError) {
        try check(change)
        adopt(change)
    }

    /// When there is something to do next, if nothing comes in before.
    public var nextDeadline: MonotonicInstant? {
        [changes.first?.instant, arrivals.first?.instant, lanes.compactMap { $0.onAir?.end }.min()]
            .compactMap { $0 }.min()
    }

    /// What is to be done next, if anything is to be done by now.
    public mutating func nextOutput(now: MonotonicInstant) -> MediumOutput? {
        while true {
            if let output = outputs.popFirst() { return output }
            if let conclusion {
                self.conclusion = nil
                conclude(conclusion)
                continue
            }
            guard let instant = nextDeadline, instant <= now else { return nil }
            if changes.first?.instant == instant, let change = changes.popFirst()?.change {
                adopt(change)
            } else if arrivals.first?.instant == instant, let arrival = arrivals.popFirst() {
                return .deliver(arrival.delivery)
            } else if let lane = lanes.firstIndex(where: { $0.onAir?.end == instant }) {
                endTry(in: lane)
            }
        }
    }

    /// What was counted up to now.
    public var counters: MediumCounters {
        MediumCounters(
            seed: seed, directions: directions.map(\.counters), radios: radios.map(\.counters), strangers: strangers)
    }

    /// Notes a frame on the air.
    mutating func keep(_ octets: [UInt8], link: Int, at instant: MonotonicInstant) {
        guard keepsAir else { return }
        let frequency = links[link].section.frequency
        outputs.append(.heard(AirRecord(instant: instant, frequency: frequency, octets: octets)))
    }

    private func check(_ change: Change) throws(ScriptError) {
        try change.check()
        if let link = change.link, !links.contains(where: { $0.section.id == link }) { throw .unknownLink(link) }
        for name in [change.from, change.to].compactMap({ $0 }) {
            let isKnown = radios.contains {
                $0.section.name == name && (change.link == nil || $0.section.link == change.link)
            }
            guard isKnown else { throw .unknownRadio(name) }
        }
    }

    private mutating func adopt(_ change: Change) {
        for index in links.indices where change.link == nil || change.link == links[index].section.id {
            links[index].apply(change)
        }
        for index in directions.indices {
            let counters = directions[index].counters
            guard change.link == nil || change.link == counters.link,
                change.from == nil || change.from == counters.from, change.to == nil || change.to == counters.to
            else { continue }
            directions[index].settings.apply(change)
        }
    }

    private static func radios(of script: Script, links: [LinkSettings]) throws(ScriptError) -> [Radio] {
        var radios: [Radio] = []
        for (index, section) in script.radios.enumerated() {
            guard let link = links.firstIndex(where: { $0.section.id == section.link }) else {
                throw .unknownLink(section.link)
            }
            guard let permanent = MACAddress(section.hwsim) else { throw .notAnAddress(section.hwsim) }
            guard let address = MACAddress(section.address) else { throw .notAnAddress(section.address) }
            let isTwice = radios.contains {
                $0.link == link && ($0.section.name == section.name || $0.address == address)
            }
            if isTwice { throw .radioTwice(section.name) }
            radios.append(
                Radio(
                    section: section, hwsim: hwsimAddress(ofPermanent: permanent), address: address, link: link,
                    lane: links[link].section.shared ? link : links.count + index,
                    counters: RadioCounters(link: section.link, name: section.name)))
        }
        return radios
    }

    private mutating func makeDirections() {
        for from in radios.indices {
            for to in radios.indices where to > from && radios[to].link == radios[from].link {
                let path = Path(index: directions.count)
                let back = Path(index: directions.count + 1)
                directions.append(direction(from: from, to: to, back: back))
                directions.append(direction(from: to, to: from, back: path))
                radios[from].paths.append(path)
                radios[to].paths.append(back)
            }
        }
    }

    private func direction(from: Int, to: Int, back: Path) -> Direction {
        let (sender, hearer) = (radios[from].section, radios[to].section)
        let name = "\(sender.link)/\(sender.name)/\(hearer.name)"
        return Direction(
            from: from, to: to, back: back, luck: luck(of: name + "/frames"),
            acknowledgmentLuck: luck(of: name + "/acknowledgments"),
            counters: DirectionCounters(link: sender.link, from: sender.name, to: hearer.name))
    }

    /// A generator for one purpose: the seed and a hash of its name (FNV-1a), scrambled by a step of the generator.
    private func luck(of name: String) -> SeededRandom {
        let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var mixed = SeededRandom(seed: seed ^ hash)
        return SeededRandom(seed: mixed.next())
    }
}
