/// The links on which payloads of a session do not get through (`PRG-2`). Each is barred for a while that doubles; then it is
/// probed with a payload as long as those that failed, and serves again when the receiver acknowledges that. The choice of the
/// link turns to barred ones last, to the one barred longest ago first, so that a session is never without a link.
struct LinkBars: Equatable {
    /// By link.
    private var records: [Record] = []

    private struct Record: Equatable {
        let link: LinkIdentifier
        /// `nil` while the link serves.
        var bar: Bar?
        /// The duration of the last bar.
        var duration: Duration
        /// When the last bar ended.
        var lifted: MonotonicInstant?
    }

    struct Bar: Equatable {
        let since: MonotonicInstant
        /// When the next probe is due; while one is out, when it has failed.
        fileprivate(set) var until: MonotonicInstant
        fileprivate(set) var isProbing = false
        /// The lengths of the payloads that failed.
        let lengths: ClosedRange<Int>
    }

    private static let first = Duration.seconds(1), longest = Duration.seconds(64)
    /// The time that the answer to a probe may take.
    static let probeTimeout = Duration.milliseconds(250)

    /// True if no link is, or was.
    var isEmpty: Bool { records.isEmpty }

    /// The links that are barred.
    var links: LinkSet { LinkSet(records.lazy.filter { $0.bar != nil }.map(\.link)) }

    /// Why a link is barred; `nil` while it serves.
    subscript(link: LinkIdentifier) -> Bar? { records.first { $0.link == link }?.bar }

    /// For the choice of a link: the lowest first.
    func order(of link: LinkIdentifier) -> Int64 {
        guard !records.isEmpty, let bar = self[link] else { return .min }
        return bar.since.nanoseconds
    }

    /// True if payloads of this length are known to fail on a link.
    func knowsToFail(_ length: Int, on link: LinkIdentifier) -> Bool {
        guard !records.isEmpty, let bar = self[link] else { return false }
        return bar.lengths.lowerBound <= length
    }

    /// From which length on payloads are known to fail on each of these links; `nil` when they do not on one of them.
    func leastThatFails(onAll links: LinkSet) -> Int? {
        var least: Int?
        for link in links {
            guard let bar = self[link] else { return nil }
            least = max(least ?? 0, bar.lengths.lowerBound)
        }
        return least
    }

    /// Bars a link: for longer than the last time, unless it served for longer than that.
    mutating func bar(_ link: LinkIdentifier, lengths: ClosedRange<Int>, at now: MonotonicInstant) {
        let old = records.first { $0.link == link }
        records.removeAll { $0.link == link }
        var duration = Self.first
        if let old, old.bar != nil || old.lifted.map({ now - $0 < old.duration * 2 }) ?? false {
            duration = min(old.duration * 2, Self.longest)
        }
        records.append(
            Record(
                link: link, bar: Bar(since: now, until: now + duration, lengths: lengths), duration: duration,
                lifted: nil))
    }

    /// Payloads of this length get through.
    ///
    /// - Returns: whether the link serves again by that.
    mutating func delivered(_ length: Int, on link: LinkIdentifier, at now: MonotonicInstant) -> Bool {
        guard let index = records.firstIndex(where: { $0.link == link }), let bar = records[index].bar,
            bar.lengths.upperBound <= length
        else { return false }
        records[index].bar = nil
        records[index].lifted = now
        return true
    }

    /// The receiver acknowledged something on a link where nothing but a probe was sent.
    ///
    /// - Returns: whether the link serves again by that.
    mutating func probeAnswered(on link: LinkIdentifier, at now: MonotonicInstant) -> Bool {
        guard let bar = self[link], bar.isProbing else { return false }
        return delivered(bar.lengths.upperBound, on: link, at: now)
    }

    /// A link that is to be probed now, and with how long a payload. A probe that failed makes the bar twice as long.
    mutating func nextProbe(at now: MonotonicInstant) -> (link: LinkIdentifier, length: Int)? {
        for index in records.indices {
            guard var bar = records[index].bar, bar.until <= now else { continue }
            if bar.isProbing { records[index].duration = min(records[index].duration * 2, Self.longest) }
            bar.isProbing.toggle()
            bar.until = now + (bar.isProbing ? Self.probeTimeout : records[index].duration)
            records[index].bar = bar
            if bar.isProbing { return (records[index].link, bar.lengths.upperBound) }
        }
        return nil
    }

    /// When a probe is due, or one has failed.
    var nextDeadline: MonotonicInstant? { records.isEmpty ? nil : records.compactMap(\.bar?.until).min() }
}
