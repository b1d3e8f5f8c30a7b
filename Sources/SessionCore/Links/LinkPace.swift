/// How much may be on its way to a peer on one link. What a link delivers is measured; twice as much as that helps nobody and
/// only waits in the driver's queue, where it can't be taken back when the link dies.
///
/// The measure is the highest rate of the last second at which payloads were acknowledged, and the shortest time that took (the
/// model of BBR, Cardwell et al., ACM Queue 14(5), 2016).
struct LinkPace: Equatable {
    /// Payloads whose fate is open.
    private(set) var inFlight = 0
    /// Payloads acknowledged so far; it wraps.
    private var delivered: UInt32 = 0
    /// How long payloads have been on their way here, all in all, until the last time that none was.
    private var busy = Duration.zero
    /// Since when some are.
    private var busySince: MonotonicInstant?
    private var rate = Least(lasting: .milliseconds(500))
    private var roundTrip = Least(lasting: .seconds(5))
    private var lateness = Lateness()

    /// What may be on its way before anything is known, and what always may.
    static let initialLimit = 32, leastLimit = 4
    static let greatestLimit = 1024
    /// How long a payload may wait in the driver's queue: an agent that is held up for a moment must not let the air fall idle.
    static let queueTime = 0.005
    /// How much more than was measured is tried, so that a link that became faster is noticed.
    static let gain = 1.25

    /// The most that may be on its way.
    private(set) var limit = Self.initialLimit

    /// True if one more payload may be in flight.
    ///
    /// - Parameter most: the most that the radio reports on.
    func hasRoom(atMost most: Int) -> Bool { inFlight < min(limit, most) }

    /// How long a payload handed over now takes until it is acknowledged, in seconds: as long as `forecast` says, and as much
    /// longer as such forecasts were wrong lately.
    func expectedTime(at now: MonotonicInstant) -> Double { (forecast ?? 0) + lateness.value(at: now) }

    /// How long a payload may take on a slower link, in seconds, while `backlog` payloads wait for this one: until half of them are
    /// acknowledged. What comes behind that payload waits for it at the receiver, and senders must hear of that before this link
    /// runs dry.
    func patience(backlog: Int, at now: MonotonicInstant) -> Double {
        expectedTime(at: now) + Double(backlog) / 2 * (rate.value ?? 0)
    }

    /// How long a payload handed over now takes at best: the air is the peer's, too, and a long payload takes longer than a short one. `nil` before
    /// anything is known.
    private var forecast: Double? { roundTrip.value.map { $0 + Double(inFlight) * (rate.value ?? 0) } }

    /// What is known when a payload is handed over, and is needed when it is acknowledged.
    struct Reading: Equatable {
        fileprivate let delivered: UInt32
        fileprivate let forecast: Double?
    }

    /// To be taken before `sent`.
    var reading: Reading { Reading(delivered: delivered, forecast: forecast) }

    /// How long payloads have been on their way here, all in all: on the air, waiting for it, or being repeated.
    func busyTime(at now: MonotonicInstant) -> Duration { busy + (busySince.map { now - $0 } ?? .zero) }

    mutating func sent(at now: MonotonicInstant) {
        inFlight += 1
        busySince = busySince ?? now
    }

    private mutating func hasLeft(_ count: Int, at now: MonotonicInstant) {
        inFlight = max(0, inFlight - count)
        guard inFlight == 0 else { return }
        busy = busyTime(at: now)
        busySince = nil
    }

    /// A payload was acknowledged.
    ///
    /// - Parameters:
    ///   - sent: when it was sent.
    ///   - reading: that of the moment before.
    mutating func acknowledged(sent: MonotonicInstant, _ reading: Reading, at now: MonotonicInstant) {
        hasLeft(1, at: now)
        delivered &+= 1
        let seconds = max(Double(now.nanoseconds(since: sent)), 1000) / 1e9
        rate.add(seconds / Double(delivered &- reading.delivered), at: now)
        roundTrip.add(seconds, at: now)
        if let seconds = rate.value, let least = roundTrip.value {
            let fitting = Int(Self.gain * (least + Self.queueTime) / seconds)
            limit = min(max(fitting, Self.leastLimit), Self.greatestLimit)
        }
        if let forecast = reading.forecast { lateness.add(seconds - forecast, at: now) }
    }

    mutating func notAcknowledged(at now: MonotonicInstant) { hasLeft(1, at: now) }

    /// Nothing is on its way any more that could be told of.
    mutating func forget(at now: MonotonicInstant) { hasLeft(inFlight, at: now) }

    /// By how much payloads take longer than was forecast, on average. It halves with every second without a sample, so that a link
    /// that did badly is tried again.
    private struct Lateness: Equatable {
        private var smoothed: Double?
        private var last = MonotonicInstant(nanoseconds: 0)

        func value(at now: MonotonicInstant) -> Double {
            guard let smoothed else { return 0 }
            let idle = now.nanoseconds(since: last)
            return idle < 1_000_000_000 ? smoothed : smoothed / Double(1 << min(idle / 1_000_000_000, 32))
        }

        mutating func add(_ sample: Double, at now: MonotonicInstant) {
            let sample = max(sample, 0)
            let value = smoothed == nil ? sample : value(at: now)
            smoothed = value + (sample - value) / 4
            last = now
        }
    }

    /// The least of some samples, of the last one or two periods.
    private struct Least: Equatable {
        private let period: Int64
        private var since = MonotonicInstant(nanoseconds: 0)
        private var current: Double?
        private var previous: Double?

        init(lasting period: Duration) { self.period = period.nanoseconds }

        var value: Double? {
            guard let current else { return previous }
            return min(current, previous ?? current)
        }

        mutating func add(_ sample: Double, at now: MonotonicInstant) {
            if now.nanoseconds(since: since) > period {
                previous = current
                current = nil
                since = now
            }
            current = min(sample, current ?? sample)
        }
    }
}
