/// A point on the monotonic clock of one machine (`CLOCK_MONOTONIC`), in nanoseconds. The core never reads a clock: every
/// instant it knows was handed to it.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the clock's own origin.
    public var nanoseconds: Int64

    /// Makes an instant from the clock's reading in nanoseconds.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The instant `duration` later; saturates at the far future.
    public static func + (instant: MonotonicInstant, duration: Duration) -> MonotonicInstant {
        instant.advanced(byNanoseconds: duration.nanoseconds)
    }

    /// The time from `earlier` to `later`; negative when they are the other way round.
    public static func - (later: MonotonicInstant, earlier: MonotonicInstant) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }

    /// The instant so many nanoseconds later; saturates at the far future.
    func advanced(byNanoseconds count: Int64) -> MonotonicInstant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(count)
        return MonotonicInstant(nanoseconds: overflow ? .max : sum)
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
        let all = attoseconds
        let unit: UInt64 = 1_000_000_000
        let high = UInt64(truncatingIfNeeded: all >> 64)
        // Nearly all are positive and shorter than 292 years, for which one division does.
        if high < unit / 2 { return Int64(unit.dividingFullWidth((high, UInt64(truncatingIfNeeded: all))).quotient) }
        return Int64(clamping: all / Int128(unit))
    }

    /// The duration in whole microseconds, rounded towards zero.
    public var microseconds: Int64 { nanoseconds / 1000 }
}
