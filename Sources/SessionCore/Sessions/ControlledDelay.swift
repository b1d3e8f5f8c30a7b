/// The queue discipline CoDel (RFC 8289): when payloads have waited for longer than `target` throughout an `interval`, some are
/// dropped, at first few, so that senders slow down and the queue drains. It knows nothing but how long each one waited.
struct ControlledDelay: Equatable {
    /// What a payload may wait on the air of a busy channel, in nanoseconds (mac80211 uses the same for its stations).
    private static let target: Int64 = 20_000_000
    /// The time that a sender takes to slow down.
    static let interval = Duration.milliseconds(100)

    /// When the wait will have been too long throughout an interval; `nil` while it is short enough.
    private var tooLongFrom: MonotonicInstant?
    /// Since dropping began; `nil` while nothing is dropped.
    private var dropping: Dropping?
    private var lastCount = 0
    /// What was accepted until then waited for a link, and not in a queue.
    private var excused: MonotonicInstant?
    private var lastDrop = MonotonicInstant(nanoseconds: 0)

    private struct Dropping: Equatable {
        var count: Int
        var next: MonotonicInstant
    }

    /// There is a link again: what waited until now is carried, however long that was.
    mutating func excuse(until now: MonotonicInstant) { excused = now }

    /// Whether the payload at the head of the queue is to be dropped.
    ///
    /// - Parameters:
    ///   - accepted: since when it has waited.
    ///   - isLast: whether it is the only one. The last one is never dropped.
    mutating func drops(accepted: MonotonicInstant, isLast: Bool, at now: MonotonicInstant) -> Bool {
        let isExcused = excused.map { accepted <= $0 } ?? false
        guard now.nanoseconds(since: accepted) >= Self.target, !isLast, !isExcused else {
            tooLongFrom = nil
            dropping = nil
            return false
        }
        guard let tooLongFrom else {
            tooLongFrom = now + Self.interval
            return false
        }
        guard tooLongFrom <= now else { return false }
        if var dropping {
            guard dropping.next <= now else { return false }
            dropping.count += 1
            dropping.next = next(after: dropping.next, dropping.count)
            self.dropping = dropping
            lastCount = dropping.count
        } else {
            // If it was dropping a moment ago, it goes on at about that rate (RFC 8289, 5.4).
            let isRecent = lastCount > 2 && now - lastDrop < Self.interval * 16
            let count = isRecent ? lastCount - 2 : 1
            dropping = Dropping(count: count, next: next(after: now, count))
            lastCount = count
        }
        lastDrop = now
        return true
    }

    private func next(after instant: MonotonicInstant, _ count: Int) -> MonotonicInstant {
        instant + .nanoseconds(Int64(Double(Self.interval.nanoseconds) / Double(count).squareRoot()))
    }
}
