import IEEE80211
import SessionCore

/// What would have been decided with another configuration.
///
/// The core is handed the frames, payloads, commands and changes of links of a recording, and its own deadlines. Where
/// acknowledgments come from the MAC, each of its transmissions has the fate of that recorded transmission on the same link
/// which is nearest in time. The peer answers what it answered then.
public struct WhatIf {
    /// Something the core told, and when.
    public struct Told: Equatable, Sendable {
        /// When, on the recording's monotonic clock.
        public var instant: MonotonicInstant
        /// What.
        public var event: RecordedEvent

        /// Makes one.
        public init(instant: MonotonicInstant, event: RecordedEvent) {
            self.instant = instant
            self.event = event
        }
    }

    /// What became of a transmission on a link.
    public struct Fate: Equatable, Sendable {
        /// When it was told.
        public var instant: MonotonicInstant
        /// Whether it was acknowledged.
        public var acknowledged: Bool

        /// Makes a fate.
        public init(instant: MonotonicInstant, acknowledged: Bool) {
            self.instant = instant
            self.acknowledged = acknowledged
        }
    }

    /// What the core tells.
    public private(set) var told: [Told] = []
    /// Frames that it sends.
    public private(set) var sent = 0
    /// Payloads that it delivers.
    public private(set) var delivered = 0

    private var engine: Engine
    private let fates: [[Fate]]
    private var acknowledges = [Bool](repeating: false, count: 16)
    /// Reports that are due, by time.
    private var reports: [(instant: MonotonicInstant, input: Input)] = []

    /// How long a radio takes to report, about.
    private static let reportDelay = Duration.microseconds(300)

    /// Makes a core, and tells it what became of transmissions on each link (by link ID, in the order of time).
    public init(configuration: EngineConfiguration, seed: UInt64, fates: [[Fate]]) {
        engine = Engine(configuration: configuration, seed: seed)
        self.fates = fates
    }

    /// The fates of a recording's transmissions.
    public static func fates(of items: some Sequence<RecordedItem>) -> [[Fate]] {
        var fates = [[Fate]](repeating: [], count: 16)
        for case .input(.transmissionReported(let link, _, let acknowledged), let instant) in items {
            fates[Int(link.rawValue)].append(Fate(instant: instant, acknowledged: acknowledged))
        }
        return fates
    }

    /// Takes the next item: an input that is not of the core's own making.
    public mutating func take(_ item: RecordedItem) {
        guard case .input(let input, let instant) = item else { return }
        switch input {
        case .transmissionReported, .deadlineReached: return
        case .linkUp(let link, let properties): acknowledges[Int(link.rawValue)] = properties.acknowledgment == .mac
        case .frameReceived, .linkDown, .payload, .command: break
        }
        advance(to: instant)
        hand(input, instant)
    }

    /// Hands in all that is due up to an instant.
    public mutating func advance(to instant: MonotonicInstant) {
        while true {
            let report = reports.first?.instant
            let deadline = engine.nextDeadline?.instant
            guard let next = [report, deadline].compactMap(\.self).min(), next < instant else { return }
            if next == report { hand(reports.removeFirst().input, next) } else { hand(.deadlineReached, next) }
        }
    }

    private mutating func hand(_ input: Input, _ instant: MonotonicInstant) {
        engine.handle(input, now: instant)
        while let output = engine.nextOutput() {
            switch output {
            case .transmit(let link, let number, _):
                sent += 1
                guard acknowledges[Int(link.rawValue)] else { continue }
                let input = Input.transmissionReported(
                    link: link, number: number, acknowledged: fate(on: link, at: instant))
                reports.append((instant + Self.reportDelay, input))
            case .deliver: delivered += 1
            case .event(let event): told.append(Told(instant: instant, event: RecordedEvent(event)))
            }
        }
    }

    private func fate(on link: LinkIdentifier, at instant: MonotonicInstant) -> Bool {
        let fates = fates[Int(link.rawValue)]
        var (low, high) = (0, fates.count)
        while low < high {
            let middle = (low + high) / 2
            if fates[middle].instant < instant { low = middle + 1 } else { high = middle }
        }
        guard low < fates.count else { return fates.last?.acknowledged ?? false }
        guard low > 0 else { return fates[low].acknowledged }
        let isBefore = instant - fates[low - 1].instant < fates[low].instant - instant
        return fates[isBefore ? low - 1 : low].acknowledged
    }
}
