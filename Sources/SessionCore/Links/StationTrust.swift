/// Whether the kernel may have a peer's radio as a station, which it then may take for asleep (`RAT-4`). TX reports that stay away are what
/// shows that it holds frames back: after a second without any, or at the third time within ten seconds, there is no station for a minute.
struct StationTrust: Equatable {
    private static let patience = Duration.seconds(1)
    private static let mostTimes = 3
    private static let memory = Duration.seconds(10)
    private static let pause = Duration.seconds(60)

    /// When the reports began to stay away, each time, the latest last.
    private var times: [MonotonicInstant] = []
    private var isMissing = false
    private var barredUntil: MonotonicInstant?

    /// True if there is no station for now.
    var isBarred: Bool { barredUntil != nil }

    /// A report did not come, after others had.
    mutating func reportIsMissing(at now: MonotonicInstant) {
        guard !isMissing else { return }
        isMissing = true
        times.removeAll { now - $0 > Self.memory }
        times.append(now)
    }

    /// A report came.
    mutating func reportCame() { isMissing = false }

    /// Judges by what has come up to now.
    ///
    /// - Returns: whether `isBarred` changed.
    mutating func review(at now: MonotonicInstant) -> Bool {
        if let end = barredUntil {
            guard end <= now else { return false }
            barredUntil = nil
            times = []
            return true
        }
        let isLong = isMissing && times.last.map { now - $0 >= Self.patience } ?? false
        guard isLong || times.count >= Self.mostTimes else { return false }
        barredUntil = now + Self.pause
        return true
    }
}
