/// How long acknowledgments take on a link, by the smoothed mean and deviation of RFC 6298: a slow host must not look like a dead
/// link, and a dead link must not be waited for longer than the link itself suggests.
struct RoundTripEstimate: Equatable {
    /// Nanoseconds; `nil` before the first sample.
    private var smoothed: Int64?
    private var deviation: Int64 = 0

    /// Takes in how long one acknowledgment took.
    mutating func add(_ sample: Duration) {
        let sample = max(0, sample.nanoseconds)
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
    /// - Parameter least: the configured time-out. The wait is never shorter, and at most ten times as long; five times as long
    ///   before anything is known.
    func timeout(least: Duration) -> Duration {
        guard let smoothed else { return least * 5 }
        return min(max(least, .nanoseconds(smoothed + 4 * deviation)), least * 10)
    }
}
