import LinkSecurity
import SessionCore

/// Hands a core what a recording says that one was handed, at the same times, and compares every output.
///
/// The core is pure, so the outputs are the same, unless another version of it, or another configuration, decides otherwise.
public struct Replay {
    /// Where replayed and recorded outputs part.
    public struct Difference: Equatable, Sendable {
        /// The number of the output, from 1 on.
        public var number: Int
        /// When, in nanoseconds of the recording's monotonic clock.
        public var instant: MonotonicInstant
        /// What the recording has; `nil` when it has no more for this turn.
        public var recorded: RecordedOutput?
        /// What the core says now; `nil` when it says no more.
        public var replayed: RecordedOutput?
        /// The lines before, oldest first.
        public var context: [String]
    }

    /// Inputs handed in.
    public private(set) var inputs = 0
    /// Outputs compared and found the same.
    public private(set) var outputs = 0
    /// When the first input came.
    public private(set) var first: MonotonicInstant?
    /// When the last input came.
    public private(set) var last: MonotonicInstant?
    /// The first difference; nothing is handed in after it.
    public private(set) var difference: Difference?

    private var engine: Engine
    private var produced: [RecordedOutput] = []
    /// How many of them have been compared.
    private var compared = 0
    private var isDrained = true
    /// The items before the one at hand.
    private var recent: [RecordedItem] = []

    private static let contextLength = 8

    /// Makes a core as the recording's was.
    ///
    /// - Parameter secrets: where its secrets came from; a configuration with keys needs it.
    public init(configuration: EngineConfiguration, seed: UInt64, secrets: SecretGenerator? = nil) {
        engine = Engine(configuration: configuration, seed: seed, secrets: secrets)
    }

    /// Takes the next item of the recording.
    public mutating func take(_ item: RecordedItem) {
        guard difference == nil else { return }
        switch item {
        case .start, .station: return
        case .input(let input, let instant):
            // Some more may have come before the core was asked what to do.
            if isDrained, compared < produced.count { return differ(nil, instant) }
            engine.handle(input, now: instant)
            isDrained = false
            inputs += 1
            first = first ?? instant
            last = instant
        case .output(let recorded, let instant):
            drain()
            guard compared < produced.count, produced[compared] == recorded else { return differ(recorded, instant) }
            compared += 1
            outputs += 1
        case .turnEnd:
            drain()
            if compared < produced.count { return differ(nil, last ?? MonotonicInstant(nanoseconds: 0)) }
        }
        recent.append(item)
        if recent.count > 64 { recent.removeFirst(recent.count - Self.contextLength) }
    }

    private mutating func drain() {
        guard !isDrained else { return }
        isDrained = true
        produced.removeAll(keepingCapacity: true)
        compared = 0
        while let output = engine.nextOutput() { produced.append(RecordedOutput(output)) }
    }

    private mutating func differ(_ recorded: RecordedOutput?, _ instant: MonotonicInstant) {
        let origin = first
        difference = Difference(
            number: outputs + 1, instant: instant, recorded: recorded,
            replayed: compared < produced.count ? produced[compared] : nil,
            context: recent.suffix(Self.contextLength).compactMap { $0.line(origin: origin) })
    }
}
