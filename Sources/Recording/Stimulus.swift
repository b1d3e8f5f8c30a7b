import LinkSecurity
import SessionCore

/// Hands a core the inputs of a recording, and tells what it decides now, turn by turn.
///
/// The recorded decisions are not compared. As long as the core sends as many frames on the same links, it is handed every input as it was
/// recorded. From the turn on in which it does not, reports and deadlines of then would mean nothing: deadlines are its own, and reports are
/// made up (`MadeUpReports`), as with `WhatIf`.
public struct Stimulus {
    /// The inputs of the core up to a drain, and its outputs then.
    public struct Turn: Equatable, Sendable {
        /// The inputs, at least one.
        public internal(set) var inputs: [Handed] = []
        /// The outputs of the core.
        public internal(set) var outputs: [RecordedOutput] = []
        /// True for the first turn in which the core sends other frames than were recorded.
        public internal(set) var leavesRecording = false
    }

    /// An input.
    public struct Handed: Equatable, Sendable {
        /// The content.
        public var input: Input
        /// When.
        public var instant: MonotonicInstant
        /// For a deadline: the timer that is due, if one is.
        public var due: TimerReason?
    }

    private var engine: Engine
    private var reports: MadeUpReports
    /// True while inputs are handed in as they were recorded.
    private var follows = true
    private var turn = Turn()
    /// The frames that the recording has of this turn.
    private var recorded: [Sent] = []
    private var isDrained = false
    /// Frames that were sent as they were recorded: their reports are those of the recording.
    private var shared: Set<Sent> = []

    private struct Sent: Hashable {
        var link: LinkIdentifier
        var number: TransmissionNumber
    }

    /// Makes a core as the recording's was.
    ///
    /// - Parameters:
    ///   - secrets: where its secrets came from; a configuration with keys needs it.
    ///   - fates: what became of the recording's transmissions, see `WhatIf.fates(of:)`.
    public init(
        configuration: EngineConfiguration, seed: UInt64, secrets: SecretGenerator? = nil, fates: [[WhatIf.Fate]]
    ) {
        engine = Engine(configuration: configuration, seed: seed, secrets: secrets)
        reports = MadeUpReports(fates: fates)
    }

    /// All turns of a recording.
    public mutating func turns(of items: [RecordedItem]) -> [Turn] {
        var turns: [Turn] = []
        for item in items { take(item, &turns) }
        // The recording may end before the core was asked: then nobody knows what else it would have been handed.
        if !turn.inputs.isEmpty { turns.append(turn) }
        turn = Turn()
        return turns
    }

    private mutating func take(_ item: RecordedItem, _ turns: inout [Turn]) {
        switch item {
        case .start, .station: break
        case .input(let input, let instant):
            if case .linkUp(let link, let properties) = input { reports.linkUp(link, properties) }
            if follows {
                // In the middle of a turn there is no input behind an output.
                if isDrained { endTurn(&turns) }
                hand(input, instant)
            } else {
                takeAlone(input, instant, &turns)
            }
        case .output(let output, _):
            guard follows else { return }
            drain()
            if case .transmit(let link, let number, _) = output { recorded.append(Sent(link: link, number: number)) }
        case .turnEnd:
            guard follows else { return }
            drain()
            endTurn(&turns)
        }
    }

    // MARK: As recorded

    private mutating func hand(_ input: Input, _ instant: MonotonicInstant) {
        var due: TimerReason?
        if case .deadlineReached = input, let deadline = engine.nextDeadline, deadline.instant <= instant {
            due = deadline.reason
        }
        engine.handle(input, now: instant)
        turn.inputs.append(Handed(input: input, instant: instant, due: due))
    }

    private mutating func drain() {
        guard !isDrained else { return }
        isDrained = true
        while let output = engine.nextOutput() { turn.outputs.append(RecordedOutput(output)) }
    }

    private mutating func endTurn(_ turns: inout [Turn]) {
        let sent = turn.outputs.compactMap { output in
            if case .transmit(let link, let number, _) = output { Sent(link: link, number: number) } else { nil }
        }
        let same = zip(sent, recorded).prefix { $0 == $1 }.count
        shared.formUnion(sent.prefix(same))
        if same < max(sent.count, recorded.count) {
            follows = false
            turn.leavesRecording = true
            let instant = turn.inputs.last?.instant ?? MonotonicInstant(nanoseconds: 0)
            for frame in sent.dropFirst(same) { reports.sent(frame.number, on: frame.link, at: instant) }
        }
        turns.append(turn)
        turn = Turn()
        recorded = []
        isDrained = false
    }

    // MARK: On its own

    private mutating func takeAlone(_ input: Input, _ instant: MonotonicInstant, _ turns: inout [Turn]) {
        switch input {
        case .transmissionReported(let link, let number, _):
            guard shared.contains(Sent(link: link, number: number)) else { return }
        case .deadlineReached: return
        case .frameReceived, .linkUp, .linkDown, .payload, .command: break
        }
        while let next = [reports.nextInstant, engine.nextDeadline?.instant].compactMap(\.self).min(), next < instant {
            handAlone(next == reports.nextInstant ? reports.next() : .deadlineReached, next, &turns)
        }
        handAlone(input, instant, &turns)
    }

    private mutating func handAlone(_ input: Input, _ instant: MonotonicInstant, _ turns: inout [Turn]) {
        hand(input, instant)
        drain()
        for case .transmit(let link, let number, _) in turn.outputs { reports.sent(number, on: link, at: instant) }
        turns.append(turn)
        turn = Turn()
        isDrained = false
    }
}
