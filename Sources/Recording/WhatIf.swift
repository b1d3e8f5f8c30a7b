import IEEE80211
import LinkSecurity
import SessionCore

/// What would have been decided with another configuration.
///
/// As long as it decides the same as the recorded configuration, the core is handed what was recorded. From the first decision
/// that differs on, it is handed the frames, payloads, commands and changes of links of the recording, and its own deadlines; where
/// acknowledgments come from the MAC, each of its transmissions has the fate of that recorded transmission on the same link
/// which is nearest in time. The peer answers what it answered then.
public struct WhatIf {
    /// Something the core told, and when.
    public struct Told: Equatable, Sendable {
        /// When, on the recording's monotonic clock.
        public var instant: MonotonicInstant
        /// The content.
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
    /// The core as it was recorded, while both decide the same.
    private var recorded: Engine?
    /// What was sent while both decided the same: its reports are those of the recording.
    private var shared: Set<UInt64> = []
    private var reports: MadeUpReports

    /// Makes a core, and tells it what became of transmissions on each link (by link ID, in the order of time).
    ///
    /// - Parameters:
    ///   - recorded: the configuration of the recording; `nil` when there is only a capture.
    ///   - secrets: where its secrets came from; a configuration with keys needs it.
    public init(
        configuration: EngineConfiguration, recorded: EngineConfiguration?, seed: UInt64,
        secrets: SecretGenerator? = nil, fates: [[Fate]]
    ) {
        self.recorded = recorded.map { Engine(configuration: $0, seed: seed, secrets: secrets) }
        engine = Engine(configuration: configuration, seed: seed, secrets: secrets)
        reports = MadeUpReports(fates: fates)
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
        case .transmissionReported(let link, let number, _):
            guard recorded != nil || shared.contains(Self.key(link, number)) else { return }
        case .deadlineReached: if recorded == nil { return }
        case .linkUp(let link, let properties): reports.linkUp(link, properties)
        case .frameReceived, .linkDown, .payload, .command: break
        }
        advance(to: instant)
        if recorded != nil { handBoth(input, instant) } else { hand(input, instant) }
    }

    /// Hands an input to both cores, and lets the recorded one go when they differ.
    private mutating func handBoth(_ input: Input, _ instant: MonotonicInstant) {
        recorded?.handle(input, now: instant)
        engine.handle(input, now: instant)
        while let output = engine.nextOutput() {
            if recorded != nil, recorded?.nextOutput() != output { recorded = nil }
            act(on: output, instant)
        }
        if recorded?.nextOutput() != nil { recorded = nil }
    }

    private static func key(_ link: LinkIdentifier, _ number: TransmissionNumber) -> UInt64 {
        UInt64(link.rawValue) << 32 | UInt64(number.rawValue)
    }

    /// Hands in all that is due up to an instant.
    public mutating func advance(to instant: MonotonicInstant) {
        while true {
            let report = reports.nextInstant
            let deadline = engine.nextDeadline?.instant
            guard let next = [report, deadline].compactMap(\.self).min(), next < instant else { return }
            // The recorded one waited for the same, and the recording says when it was told.
            if let waiting = recorded?.nextDeadline?.instant, waiting <= next { return }
            if next == report { hand(reports.next(), next) } else { hand(.deadlineReached, next) }
        }
    }

    private mutating func hand(_ input: Input, _ instant: MonotonicInstant) {
        engine.handle(input, now: instant)
        while let output = engine.nextOutput() {
            recorded = nil
            act(on: output, instant)
        }
    }

    private mutating func act(on output: Output, _ instant: MonotonicInstant) {
        switch output {
        case .transmit(let link, let number, _):
            sent += 1
            guard recorded == nil else {
                shared.insert(Self.key(link, number))
                return
            }
            reports.sent(number, on: link, at: instant)
        case .deliver: delivered += 1
        case .event(let event): told.append(Told(instant: instant, event: RecordedEvent(event)))
        }
    }
}
