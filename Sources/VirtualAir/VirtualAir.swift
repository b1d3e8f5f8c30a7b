import HeapModule
import IEEE80211
import SessionCore

/// A simulated medium with virtual time, for tests: radios on links, frames that take time, get lost, come twice or late. Pure,
/// and the same seed gives the same air. It stands in for radios, never for the product.
///
/// A radio hears every frame that is sent to its address, or to a group, on its link. It acknowledges what is sent to its address
/// as a MAC does, unless the air loses the acknowledgment; the sender gets the TX status either way. There is none of frames to groups.
public struct VirtualAir {
    /// What the air does to frames of one station on one link.
    public struct Faults: Equatable, Sendable {
        /// Nothing arrives.
        public var isCut = false
        /// Share of frames that do not arrive, `0 ... 1`.
        public var frameLoss = 0.0
        /// Share of MAC-level acknowledgments *of this station's frames* that do not come back, `0 ... 1`.
        public var acknowledgmentLoss = 0.0
        /// Share of TX reports that do not come, `0 ... 1`.
        public var reportLoss = 0.0
        /// The delay of TX reports beyond that of their frames.
        public var reportDelay: Duration = .zero
        /// True if the sender is told that its frames were acknowledged, whatever became of them: somebody forges acknowledgments,
        /// or the radio there works for a host that does not.
        public var forgesAcknowledgments = false
        /// The frames that do not arrive, whatever the shares.
        public var lost = FrameSelector.none
        /// Share of frames that arrive twice, the second one late, `0 ... 1`.
        public var duplication = 0.0
        /// The time a frame takes.
        public var delay: Duration = .microseconds(100)
        /// A random time more, up to this; larger than `delay`, it reorders.
        public var jitter: Duration = .zero

        /// A perfect link.
        public init() {}

        /// True if it loses a frame for what it is.
        func loses(_ mpdu: [UInt8]) -> Bool { isCut || lost.selects(mpdu) }
    }

    /// What happens at a station.
    public struct Happening: Equatable, Comparable, Sendable {
        /// When.
        public let instant: MonotonicInstant
        /// At which station.
        public let station: Int
        /// What its engine must be told.
        public let input: Input
        fileprivate let order: Int

        /// Orders by time, then by when it was known.
        public static func < (left: Happening, right: Happening) -> Bool {
            (left.instant, left.order) < (right.instant, right.order)
        }
    }

    private struct Direction: Hashable {
        let station: Int
        let link: LinkIdentifier
    }

    private struct Radio: Hashable {
        let link: LinkIdentifier
        let address: MACAddress
    }

    private var addresses: [Direction: MACAddress] = [:]
    private var stations: [Radio: Int] = [:]
    private var faults: [Direction: Faults] = [:]
    private var silentRadios: Set<Direction> = []
    private var random: SeededRandom
    /// Apart, so that it does not change the frames' luck.
    private var reportRandom: SeededRandom
    private var happenings = Heap<Happening>()
    private var order = 0

    /// Makes an empty air.
    public init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        reportRandom = SeededRandom(seed: ~seed)
    }

    /// Puts a radio on a link.
    ///
    /// - Parameter acknowledges: whether it answers at MAC level; a plain monitor does not.
    public mutating func addRadio(station: Int, link: LinkIdentifier, address: MACAddress, acknowledges: Bool = true) {
        let direction = Direction(station: station, link: link)
        addresses[direction] = address
        stations[Radio(link: link, address: address)] = station
        if acknowledges { silentRadios.remove(direction) } else { silentRadios.insert(direction) }
    }

    /// Takes a radio off its link.
    public mutating func removeRadio(station: Int, link: LinkIdentifier) {
        guard let address = addresses.removeValue(forKey: Direction(station: station, link: link)) else { return }
        stations[Radio(link: link, address: address)] = nil
    }

    /// Sets what the air does to frames that `station` sends on `link`.
    public mutating func setFaults(_ faults: Faults, from station: Int, on link: LinkIdentifier) {
        self.faults[Direction(station: station, link: link)] = faults
    }

    /// What the air does to frames that `station` sends on `link`.
    public func faults(from station: Int, on link: LinkIdentifier) -> Faults {
        faults[Direction(station: station, link: link)] ?? Faults()
    }

    /// Sends a frame.
    public mutating func transmit(
        _ mpdu: [UInt8], number: TransmissionNumber, from station: Int, on link: LinkIdentifier,
        at now: MonotonicInstant
    ) {
        let sender = Direction(station: station, link: link)
        guard addresses[sender] != nil, let header = try? MACHeader(parsing: mpdu.span) else { return }
        let faults = faults[sender] ?? Faults()
        let isToGroup = header.address1.isGroup
        let receiver = stations[Radio(link: link, address: header.address1)].map { Direction(station: $0, link: link) }
        // Drawn always and in this order, so that a change of one fault does not change the others' luck.
        let lost = chance(faults.frameLoss)
        let acknowledgmentLost = chance(faults.acknowledgmentLoss)
        let doubled = chance(faults.duplication)
        let arrival = now + faults.delay + jitter(faults)
        let late = arrival + faults.delay + jitter(faults)
        if isToGroup {
            guard !lost, !faults.loses(mpdu) else { return }
            let others = addresses.keys.filter { $0.link == link && $0.station != station }.map(\.station).sorted()
            for other in others {
                schedule(.frameReceived(link: link, mpdu: mpdu, signal: -40), at: other, when: arrival)
            }
            return
        }
        var acknowledged = false
        if let receiver, !lost, !faults.loses(mpdu) {
            let input = Input.frameReceived(link: link, mpdu: mpdu, signal: -40)
            schedule(input, at: receiver.station, when: arrival)
            if doubled { schedule(input, at: receiver.station, when: late) }
            // An acknowledgment travels the other way: a cut there loses it too.
            let isCutBack = self.faults[receiver]?.isCut ?? false
            acknowledged = !silentRadios.contains(receiver) && !acknowledgmentLost && !isCutBack
        }
        acknowledged = acknowledged || faults.forgesAcknowledgments
        guard Double.random(in: 0..<1, using: &reportRandom) >= faults.reportLoss else { return }
        schedule(
            .transmissionReported(link: link, number: number, acknowledged: acknowledged), at: station,
            when: arrival + faults.reportDelay)
    }

    /// When something happens next.
    public var nextInstant: MonotonicInstant? { happenings.min?.instant }

    /// Takes out what happens next, if it happens no later than `now`.
    public mutating func next(until now: MonotonicInstant) -> Happening? {
        guard let first = happenings.min, first.instant <= now else { return nil }
        return happenings.removeMin()
    }

    /// Drops what happens next, if it happens at `instant` and is as described: a test's own fault.
    ///
    /// - Returns: whether it was dropped.
    public mutating func drop(at instant: MonotonicInstant, where isUnwanted: (Happening) -> Bool) -> Bool {
        guard let first = happenings.min, first.instant <= instant, isUnwanted(first) else { return false }
        happenings.removeMin()
        return true
    }

    private mutating func schedule(_ input: Input, at station: Int, when instant: MonotonicInstant) {
        let happening = Happening(instant: instant, station: station, input: input, order: order)
        order += 1
        happenings.insert(happening)
    }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private mutating func jitter(_ faults: Faults) -> Duration {
        let most = max(0, faults.jitter.nanoseconds)
        return .nanoseconds(Int64.random(in: 0...most, using: &random))
    }
}
