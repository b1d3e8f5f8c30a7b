/// A point on the monotonic clock of one machine (`CLOCK_MONOTONIC`), in nanoseconds. The core never reads a clock: every
/// instant it knows was handed to it.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the clock's own origin.
    public var nanoseconds: Int64

    /// Makes an instant from the clock's reading in nanoseconds.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The instant `duration` later; saturates at the far future.
    public static func + (instant: MonotonicInstant, duration: Duration) -> MonotonicInstant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.nanoseconds)
        return MonotonicInstant(nanoseconds: overflow ? .max : sum)
    }

    /// The time from `earlier` to `later`; negative when they are the other way round.
    public static func - (later: MonotonicInstant, earlier: MonotonicInstant) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }

    /// Nanoseconds since an earlier instant; negative when they are the other way round.
    func nanoseconds(since earlier: MonotonicInstant) -> Int64 { nanoseconds - earlier.nanoseconds }

    /// Orders instants by time.
    public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Duration {
    /// The duration in whole nanoseconds, saturating.
    public var nanoseconds: Int64 {
        // Nearly all are short and positive, for which a division of 64 bits does.
        let all = attoseconds
        if all >> 64 == 0 { return Int64(UInt64(truncatingIfNeeded: all) / 1_000_000_000) }
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, overflowOfSum) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowOfSum ? (seconds < 0 ? .min : .max) : sum
    }

    /// The duration in whole microseconds, rounded towards zero.
    public var microseconds: Int64 { nanoseconds / 1000 }
}
