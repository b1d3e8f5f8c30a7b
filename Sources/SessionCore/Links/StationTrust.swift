/// Decides if the kernel may have a peer's radio as a station, which it then may take for asleep (`RAT-4`). Missing TX reports are the sign
/// that it holds frames back: after a second without any, or at the third time within ten seconds, there is no station for a minute.
struct StationTrust: Equatable {
    private static let patience = Duration.seconds(1)
    private static let mostTimes = 3
    private static let memory = Duration.seconds(10)
    private static let pause = Duration.seconds(60)

    /// The instants at which reports began to be missing, the latest last.
    private var times: [MonotonicInstant] = []
    private var barredUntil: MonotonicInstant?

    /// True if there is no station for now.
    var isBarred: Bool { barredUntil != nil }

    /// A report is missing, the first one after others came.
    mutating func reportsFail(at now: MonotonicInstant) {
        times.removeAll { now - $0 > Self.memory }
        times.append(now)
    }

    /// Judges by the reports up to now.
    ///
    /// - Parameter reportsFail: reports are missing still.
    /// - Returns: true if `isBarred` changed.
    mutating func review(reportsFail: Bool, at now: MonotonicInstant) -> Bool {
        if let end = barredUntil {
            guard end <= now else { return false }
            barredUntil = nil
            times = []
            return true
        }
        let isLong = reportsFail && times.last.map { now - $0 >= Self.patience } ?? false
        guard isLong || times.count >= Self.mostTimes else { return false }
        barredUntil = now + Self.pause
        return true
    }
}
