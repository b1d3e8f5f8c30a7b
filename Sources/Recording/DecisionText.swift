import IEEE80211
import SessionCore

/// A core's decisions at a recording's inputs, as text that can be compared line by line: a line for each input, with the time since the
/// first one, and indented beneath it one for each output. `relink replay --print` writes it (docs/recording.md).
///
/// Runs of payload traffic and of other stations' frames, which is most of it, become one line with what they come to and a hash of
/// their lines; everything about peers, links and sessions stands there in full.
public struct DecisionText {
    /// The lines so far.
    public private(set) var lines: [String] = []

    private let isFull: Bool
    private var origin: MonotonicInstant?
    private var run = TrafficRun()
    /// The frames that were sent: what reports are about. Looked up only.
    private var sent: [TransmissionNumber: Sent] = [:]
    private var last: TransmissionNumber?
    /// The number of frames sent on each link at this instant, so that each has a name.
    private var instant: MonotonicInstant?
    private var counts = [Int](repeating: 0, count: 16)

    private struct Sent {
        var link: LinkIdentifier
        var name: String
        var isTraffic: Bool
    }

    /// Makes the text of a recording's turns.
    ///
    /// - Parameter isFull: whether payload traffic stands there line by line, too.
    public init(_ turns: [Stimulus.Turn], isFull: Bool = false) {
        self.isFull = isFull
        for turn in turns { add(turn) }
        endRun()
    }

    /// The whole text.
    public var text: String { lines.map { $0 + "\n" }.joined() }

    private mutating func add(_ turn: Stimulus.Turn) {
        var told = TrafficRun()
        var isTraffic = !isFull && !turn.leavesRecording
        origin = origin ?? turn.inputs.first?.instant
        for handed in turn.inputs {
            let time = RecordedText.time(handed.instant, origin)
            told.note(time)
            isTraffic = tell(handed, time, isAnswered: !turn.outputs.isEmpty, &told) && isTraffic
        }
        if let handed = turn.inputs.last?.instant, handed != instant {
            instant = handed
            counts = [Int](repeating: 0, count: counts.count)
        }
        for output in turn.outputs { isTraffic = tell(output, &told) && isTraffic }
        if isTraffic { return run.append(told) }
        endRun()
        lines += told.lines
        if turn.leavesRecording {
            lines.append("From here on the frames are not those of the recording: deadlines and reports are made up.")
        }
    }

    private mutating func endRun() {
        lines += run.isLong ? [run.summary] : run.lines
        run = TrafficRun()
    }

    // MARK: Inputs

    /// Tells an input; returns whether it is payload traffic.
    ///
    /// - Parameter isAnswered: whether the core says anything to it.
    private mutating func tell(
        _ handed: Stimulus.Handed, _ time: String, isAnswered: Bool, _ told: inout TrafficRun
    ) -> Bool {
        func line(_ text: String) { told.lines.append("\(time) \(text)") }
        switch handed.input {
        case .frameReceived(let link, let mpdu, let signal):
            let words = FrameWords(mpdu)
            let sender = words.transmitter.map { " from \($0)" } ?? ""
            line("receive link \(link)\(sender), \(signal.map { "\($0) dBm" } ?? "no signal"): \(words.text)")
            if words.isPayload { told.received += 1 }
            if words.isForeign { told.foreign += 1 }
            return words.isTraffic || words.isForeign && !isAnswered
        case .transmissionReported(let link, let number, let acknowledged):
            let frame = sent[number]
            let name = frame.map { $0.link == link ? $0.name : "\($0.name) on link \($0.link)" }
            let fate = acknowledged ? "acknowledged" : "not acknowledged"
            line("\(fate) link \(link): \(name ?? "no frame of this core")")
            told.acknowledged += 1
            return acknowledged && frame?.isTraffic == true && frame?.link == link
        case .payload(let payload, let peer, let tid):
            line("host: \(payload.count) octets for \(peer), TID \(tid) [\(DecisionHash.text(payload))]")
            told.taken += 1
            return true
        case .deadlineReached:
            line("deadline: \(handed.due?.rawValue ?? "none")")
            return [nil, .blockAcknowledgment, .payloads].contains(handed.due)
        case .linkUp(let link, let properties):
            let source = properties.acknowledgment.rawValue
            line("link \(link) up: \(properties.address), \(properties.frequency) MHz, acknowledgment \(source)")
        case .linkDown(let link, let cause): line("link \(link) down: \(cause.rawValue)")
        case .command(let command): line("command: \(RecordedText.text(command))")
        }
        return false
    }

    // MARK: Outputs

    /// Tells an output; returns whether it is payload traffic.
    private mutating func tell(_ output: RecordedOutput, _ told: inout TrafficRun) -> Bool {
        switch output {
        case .transmit(let link, let number, let mpdu):
            let words = FrameWords(sent: mpdu, number: number)
            let jump = last.map { $0.rawValue &+ 1 } == number.rawValue ? "" : ", number \(number.rawValue)"
            let receiver = words.receiver.map { " to \($0)" } ?? ""
            told.lines.append("    send link \(link)\(receiver)\(jump): \(words.text)")
            note(number, link, words.isTraffic)
            last = number
            if words.isPayload { told.send(words.carried, link) }
            return words.isTraffic
        case .deliver(let payload, let peer, let tid):
            let hash = DecisionHash.text(payload)
            told.lines.append("    deliver \(payload.count) octets from \(peer), TID \(tid) [\(hash)]")
            told.delivered += 1
            return true
        case .event(let event):
            told.lines.append("    event \(event.text)")
            return false
        }
    }

    /// Gives a frame the name by which its report is told.
    private mutating func note(_ number: TransmissionNumber, _ link: LinkIdentifier, _ isTraffic: Bool) {
        counts[Int(link.rawValue)] += 1
        let count = counts[Int(link.rawValue)]
        let time = instant.map { RecordedText.time($0, origin) } ?? ""
        sent[number] = Sent(
            link: link, name: "sent \(time)" + (count > 1 ? ", frame \(count)" : ""), isTraffic: isTraffic)
    }
}
