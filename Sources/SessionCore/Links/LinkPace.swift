/// How much may be on its way to a peer on one link. What a link delivers is measured; twice as much as that helps nobody and
/// only waits in the driver's queue, where it can't be taken back when the link dies.
///
/// The measure is the highest rate of the last second at which payloads were acknowledged, and the shortest time that took (the
/// model of BBR, Cardwell et al., ACM Queue 14(5), 2016).
struct LinkPace: Equatable {
    /// Payloads whose fate is open.
    private(set) var inFlight = 0
    /// Payloads acknowledged so far; it wraps.
    private(set) var delivered: UInt32 = 0
    /// How long payloads have been on their way here, all in all, until the last time that none was.
    private var busy = Duration.zero
    /// Since when some are.
    private var busySince: MonotonicInstant?
    private var rate = Least(lasting: .milliseconds(500))
    private var roundTrip = Least(lasting: .seconds(5))

    /// What may be on its way before anything is known, and what always may.
    static let initialLimit = 32, leastLimit = 4
    static let greatestLimit = 1024
    /// How long a payload may wait in the driver's queue: an agent that is held up for a moment must not let the air fall idle.
    static let queueTime = 0.005
    /// How much more than was measured is tried, so that a link that became faster is noticed.
    static let gain = 1.25

    /// The most that may be on its way.
    var limit: Int {
        guard let seconds = secondsPerPayload, let least = leastRoundTrip else { return Self.initialLimit }
        return min(max(Int(Self.gain * (least + Self.queueTime) / seconds), Self.leastLimit), Self.greatestLimit)
    }

    var hasRoom: Bool { inFlight < limit }

    /// How long each payload more takes, in seconds; `nil` before anything is known.
    var secondsPerPayload: Double? { rate.value }

    /// How long a payload handed over now takes until it is acknowledged, in seconds.
    var expectedTime: Double { (leastRoundTrip ?? 0) + Double(inFlight) * (secondsPerPayload ?? 0) }

    private var leastRoundTrip: Double? { roundTrip.value }

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
    ///   - before: `delivered` of that moment.
    mutating func acknowledged(sent: MonotonicInstant, before: UInt32, at now: MonotonicInstant) {
        hasLeft(1, at: now)
        delivered &+= 1
        let seconds = max(Double(now.nanoseconds(since: sent)), 1000) / 1e9
        rate.add(seconds / Double(delivered &- before), at: now)
        roundTrip.add(seconds, at: now)
    }

    mutating func notAcknowledged(at now: MonotonicInstant) { hasLeft(1, at: now) }

    /// Nothing is on its way any more that could be told of.
    mutating func forget(at now: MonotonicInstant) { hasLeft(inFlight, at: now) }

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
