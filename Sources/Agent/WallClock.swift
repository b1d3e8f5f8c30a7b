import Glibc

/// The machine's wall clock, for people; nothing is ever decided by it.
enum WallClock {
    /// Now, in nanoseconds since 1970.
    static var nanoseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Now in UTC, to the microsecond: `2026-01-01T00:00:00.000000Z`.
    static var text: String { text(nanosecondsAgo: 0) }

    /// The time of day some nanoseconds ago, in the same form.
    static func text(nanosecondsAgo age: Int64) -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let (seconds, nanoseconds) = (time.tv_sec * 1_000_000_000 + time.tv_nsec - Int(age))
            .quotientAndRemainder(dividingBy: 1_000_000_000)
        return text(seconds: seconds, nanoseconds: nanoseconds)
    }

    /// An instant since 1970 in UTC, to the microsecond.
    static func text(seconds: Int, nanoseconds: Int) -> String {
        var seconds = time_t(seconds)
        var date = tm()
        gmtime_r(&seconds, &date)
        let day = [padded(Int(date.tm_year) + 1900, 4), padded(Int(date.tm_mon) + 1, 2), padded(Int(date.tm_mday), 2)]
        let time = [padded(Int(date.tm_hour), 2), padded(Int(date.tm_min), 2), padded(Int(date.tm_sec), 2)]
        return "\(day.joined(separator: "-"))T\(time.joined(separator: ":")).\(padded(nanoseconds / 1000, 6))Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
