import CNetlink
import Glibc

/// The clock that deadlines are told in.
public enum MonotonicClock {
    /// The reading of `CLOCK_MONOTONIC`, in nanoseconds.
    public static var nanoseconds: Int64 {
        var time = timespec()
        // Can't fail: the clock exists on every Linux and the pointer is good.
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
