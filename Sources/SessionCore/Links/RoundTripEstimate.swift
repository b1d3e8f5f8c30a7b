/// How long acknowledgments take on a link, by the smoothed mean and deviation of RFC 6298: a slow host must not look like a dead
/// link, and a dead link must not be waited for longer than the link itself suggests.
struct RoundTripEstimate: Equatable {
    /// Nanoseconds; `nil` before the first sample.
    private var smoothed: Int64?
    private var deviation: Int64 = 0

    /// Takes in how long one acknowledgment took.
    ///
    /// - Parameter sample: nanoseconds.
    mutating func add(_ sample: Int64) {
        let sample = max(0, sample)
        guard let smoothed else {
            self.smoothed = sample
            deviation = sample / 2
            return
        }
        deviation += (abs(sample - smoothed) - deviation) / 4
        self.smoothed = smoothed + (sample - smoothed) / 8
    }

    /// How long to wait for the next one.
    ///
    /// - Parameter least: the configured time-out. The wait is never shorter, and at most `longest`, or ten times as long if that is
    ///   more; five times as long before anything is known.
    /// - Returns: nanoseconds.
    func timeout(least: Duration) -> Int64 {
        guard smoothed != nil else { return least.nanoseconds * 5 }
        return timeout(atLeast: least)
    }

    /// The wait for the next one, at least `least` and at most `longest`, or ten times the former, in nanoseconds.
    func timeout(atLeast least: Duration) -> Int64 {
        let least = least.nanoseconds
        return min(max(least, expected), max(least * 10, Self.longest))
    }

    /// In nanoseconds: the queue of a slow and busy radio.
    private static let longest: Int64 = 200_000_000

    /// By when nearly all have come, in nanoseconds; 0 before anything is known.
    var expected: Int64 { smoothed.map { $0 + max(4 * deviation, Self.granularity) } ?? 0 }

    /// In nanoseconds: the least margin, since timers and processors are no finer (RFC 9002, 6.1.2).
    private static let granularity: Int64 = 1_000_000
}
