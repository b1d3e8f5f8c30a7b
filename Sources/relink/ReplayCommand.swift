import Agent
import ArgumentParser
import CaptureFiles
import ControlProtocol
import Glibc
import LinkSecurity
import RadioLinks
import Recording
import SessionCore

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Decide again what a recorded agent decided, and compare.",
        discussion: """
            Hands the core everything that a recorded agent's core was handed, at the same times, and compares every frame sent, \
            payload delivered and event with the recording: identical, or the first difference with what led to it. A recording \
            that was cut is replayed up to the cut. Further files (.1, .2, …) are read on their own.

            A recording of an agent that shares keys with its peers takes --record-whole when it is made, and --keys with what \
            --record-secrets wrote at the same time.

            With --what-if a threshold has another value, and the events of then and of what would have been are told side by \
            side. The radios acknowledge what they acknowledged at that time, and the peer answers what it answered; \
            docs/recording.md says how far that can be trusted.

            With --config FILE is any capture of 802.11 frames (pcap, pcapng), heard as the device of that configuration would \
            have heard it; its links need addresses. What the core would have decided is told.

            With --print nothing is compared: what the core decides at each input is printed, a line for each input and, indented, one for \
            each output, as text to compare with that of another version (docs/recording.md). Runs of payload traffic are one \
            line with a hash; --full prints theirs, too.

            Examples:
              relink replay a.pcapng
              relink replay a.pcapng --keys a.keys
              relink replay --print a.pcapng > a.decisions.txt
              relink replay a.pcapng --what-if failures_until_lost=8 --what-if heartbeat_interval_ms=50
              relink replay air.pcap --config a.toml

            Exit status: 0 when all is identical, or told; 1 when something differs, or the file can't be read.
            """)

    @Argument(help: ArgumentHelp("The recording, or a capture.", valueName: "file"))
    var path: String

    @Option(name: .customLong("what-if"), help: ArgumentHelp("Another value of a threshold.", valueName: "key=value"))
    var thresholds: [String] = []

    @Option(name: .customLong("config"), help: ArgumentHelp("The configuration for a capture.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The keys of a protected recording.", valueName: "file"))
    var keys: String?

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    @Flag(help: "Print what is decided at each input, and compare nothing.")
    var print = false

    @Flag(help: "With --print: every line of payload traffic, too.")
    var full = false

    func validate() throws {
        guard !print || config == nil && thresholds.isEmpty && !json else {
            throw ValidationError("--print is for a recording as it is; leave --config, --what-if and --json out.")
        }
        guard print || !full else { throw ValidationError("--full needs --print.") }
        guard keys == nil || config == nil else {
            throw ValidationError("--keys is for a recording; a capture is replayed with what --config has.")
        }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        do {
            if let config {
                try tell(foreign: AgentConfiguration.load(path: config).with(thresholds: thresholds))
            } else if print {
                try printDecisions()
            } else if thresholds.isEmpty {
                try compare()
            } else {
                try tellWhatIf()
            }
        } catch let error as ConfigurationError {
            StandardError.write("\(error)")
            throw ExitCode.failure
        } catch let error as RecordingFiles.Problem {
            StandardError.write("relink: \(error)")
            throw ExitCode.failure
        } catch let error as ReplayObstacle {
            StandardError.write("relink: \(path): \(error)")
            throw ExitCode.failure
        } catch let error as CaptureError {
            StandardError.write("relink: \(path): \(error)")
            throw ExitCode.failure
        }
    }

    private func load() throws -> (RecordingFiles, AgentConfiguration, ReplaySecrets?) {
        let recording = try RecordingFiles(path: path)
        let secrets = try recording.start.secrets(among: try keys.map(KeyLogFile.read)?.secrets ?? [])
        var configuration = try AgentConfiguration(recorded: recording.start.configuration, file: path)
        configuration.use(secrets?.keys)
        return (recording, configuration, secrets)
    }

    // MARK: Decisions

    private func printDecisions() throws {
        let (recording, configuration, secrets) = try load()
        var stimulus = Stimulus(
            configuration: configuration.engine, seed: recording.start.seed, secrets: secrets?.generator,
            fates: WhatIf.fates(of: recording.items))
        for line in DecisionText(stimulus.turns(of: recording.items), isFull: full).lines { StandardOutput.write(line) }
    }

    // MARK: Comparison

    private struct Verdict: Encodable {
        var identical: Bool
        var inputs: Int
        var outputs: Int
        var seconds: Double
        var files: Int
        var cut: Bool
        var difference: Difference?

        struct Difference: Encodable {
            var output: Int
            var seconds: Double
            var recorded: String?
            var replayed: String?
            var context: [String]
        }
    }

    private func compare() throws {
        let (recording, configuration, secrets) = try load()
        var replay = Replay(
            configuration: configuration.engine, seed: recording.start.seed, secrets: secrets?.generator)
        for item in recording.items { replay.take(item) }
        let origin = replay.first?.nanoseconds ?? 0
        let seconds = Double((replay.last?.nanoseconds ?? 0) - origin) / 1e9
        if json {
            StandardOutput.write(
                LineCoding.line(
                    Verdict(
                        identical: replay.difference == nil, inputs: replay.inputs, outputs: replay.outputs,
                        seconds: seconds,
                        files: recording.count, cut: recording.isCut,
                        difference: replay.difference.map {
                            Verdict.Difference(
                                output: $0.number, seconds: Double($0.instant.nanoseconds - origin) / 1e9,
                                recorded: $0.texts.recorded, replayed: $0.texts.replayed, context: $0.context)
                        })))
        } else if let difference = replay.difference {
            let time = RecordedText.time(difference.instant, replay.first)
            StandardOutput.write("different at output \(difference.number), \(time) s after the start:")
            for line in difference.context { StandardOutput.write("  \(line)") }
            StandardOutput.write("- \(time)  out  \(difference.texts.recorded ?? "nothing more")")
            StandardOutput.write("+ \(time)  out  \(difference.texts.replayed ?? "nothing more")")
        } else {
            let cut = recording.isCut ? ", up to where the file is cut" : ""
            let span = RecordedText.time(MonotonicInstant(nanoseconds: Int64(seconds * 1e9)), nil)
            StandardOutput.write("identical: \(replay.inputs) inputs, \(replay.outputs) outputs in \(span) s\(cut)")
        }
        if replay.difference != nil { throw ExitCode.failure }
    }

    // MARK: What would have been

    private struct Outcome: Encodable {
        var recorded: [Line]?
        var decided: [Line]
        var framesSent: Int
        var payloadsDelivered: Int

        struct Line: Encodable {
            var seconds: Double
            var event: String
        }
    }

    private func tellWhatIf() throws {
        let (recording, configuration, secrets) = try load()
        var changed = try configuration.with(thresholds: thresholds)
        changed.use(secrets?.keys)
        var told: [WhatIf.Told] = []
        var (first, last): (MonotonicInstant?, MonotonicInstant?)
        for item in recording.items {
            if case .output(.event(let event), let instant) = item {
                told.append(WhatIf.Told(instant: instant, event: event))
            }
            if case .input(_, let instant) = item { (first, last) = (first ?? instant, instant) }
        }
        var whatIf = WhatIf(
            configuration: changed.engine, recorded: configuration.engine, seed: recording.start.seed,
            secrets: secrets?.generator, fates: WhatIf.fates(of: recording.items))
        for item in recording.items { whatIf.take(item) }
        if let last { whatIf.advance(to: last) }
        show(recorded: told, whatIf, origin: first)
    }

    private func tell(foreign configuration: AgentConfiguration) throws {
        let interfaces = configuration.links.map {
            RecordedInterface(link: $0.identifier, name: $0.interface, frequency: $0.frequency, address: $0.address)
        }
        guard interfaces.contains(where: { $0.address != nil }) else {
            StandardError.write("relink: no link of \(config ?? "") has an address; write address = \"…\" in [[links]]")
            throw ExitCode.failure
        }
        var heard = HeardCapture(
            links: interfaces, sources: configuration.links.map { $0.acknowledgment == .frame ? .frame : .mac })
        var reader = try CaptureReader(path: path)
        while let record = try reader.next() { heard.take(record) }
        // A clock that was set in the middle of a capture makes years of it.
        guard heard.longestPause < .seconds(86_400) else {
            StandardError.write(
                "relink: \(path): its clock jumps by \(heard.longestPause.components.seconds / 86_400) days; replay what is before or "
                    + "behind that (editcap -B or -A)")
            throw ExitCode.failure
        }
        var whatIf = WhatIf(
            configuration: configuration.engine, recorded: nil, seed: 0, fates: heard.fates)
        for item in heard.items { whatIf.take(item) }
        whatIf.advance(to: heard.end)
        var first: MonotonicInstant?
        if case .input(_, let instant)? = heard.items.first { first = instant }
        show(recorded: nil, whatIf, origin: first)
    }

    /// Tells both lists of events in the order of time: `-` what was, `+` what would have been.
    private func show(recorded: [WhatIf.Told]?, _ whatIf: WhatIf, origin: MonotonicInstant?) {
        func line(_ told: WhatIf.Told) -> Outcome.Line {
            let elapsed = told.instant.nanoseconds - (origin?.nanoseconds ?? 0)
            return Outcome.Line(seconds: Double(elapsed) / 1e9, event: told.event.text)
        }
        if json {
            let outcome = Outcome(
                recorded: recorded?.map(line), decided: whatIf.told.map(line), framesSent: whatIf.sent,
                payloadsDelivered: whatIf.delivered)
            return StandardOutput.write(LineCoding.line(outcome))
        }
        let mark = recorded == nil ? " " : "+"
        let all = (recorded ?? []).map { ($0, "-") } + whatIf.told.map { ($0, mark) }
        let sorted = all.enumerated().sorted {
            ($0.element.0.instant, $0.element.0.event.text, $0.offset)
                < ($1.element.0.instant, $1.element.0.event.text, $1.offset)
        }
        var isTold = false
        for (index, (told, mark)) in sorted.map(\.element).enumerated() {
            if isTold {
                isTold = false
                continue
            }
            // What was, and would have been just so, is told once.
            isTold = mark == "-" && index + 1 < sorted.count && sorted[index + 1].element.0 == told
            StandardOutput.write(
                "\(isTold ? " " : mark) \(RecordedText.time(told.instant, origin))  \(told.event.text)")
        }
        StandardOutput.write("sends \(whatIf.sent) frames, delivers \(whatIf.delivered) payloads")
    }
}
