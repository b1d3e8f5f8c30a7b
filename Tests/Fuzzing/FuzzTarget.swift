import Agent
import CaptureFiles
import FrameDecoding
import IEEE80211
import RadioLinks
import Recording
import SessionCore
import SessionReport

/// What is tried: everything here takes octets that anybody may have made, and must give an answer or an error, soon.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// A capture file: `relink decode` in both forms, and what replay and report make of captures.
    case capture
    /// A capture file whose form is as it was, but the packets in it are not.
    case packets
    /// A recording: `relink replay` and `relink report`.
    case recording
    /// A recording whose form is as it was, but the frames that the core is handed are not.
    case core
    /// A configuration, as a recording has it too.
    case configuration

    /// Whether its inputs are made of recordings, not of any captures.
    public var takesRecordings: Bool { self != .capture && self != .packets }

    /// Tries some octets. Crashes or hangs where something is wrong.
    ///
    /// - Returns: how much there was in them: packets, or inputs of the core.
    @discardableResult public func run(_ octets: [UInt8]) -> Int {
        switch self {
        case .capture, .packets: Self.run(capture: octets)
        case .recording, .core: Self.run(recording: octets)
        case .configuration: Self.run(configuration: octets)
        }
    }

    // MARK: Captures

    private static func run(capture octets: [UInt8]) -> Int {
        var packets = 0
        for form in [CaptureDecoder.Form.json, .text] {
            var decoder = CaptureDecoder(CaptureReader(octets: octets), form: form)
            var lines: [UInt8] = []
            while (try? decoder.appendNext(to: &lines)) == true { lines.removeAll(keepingCapacity: true) }
            precondition(decoder.count <= octets.count, "every packet takes octets")
            packets = decoder.count
        }
        var builder = ReportBuilder()
        var heard = HeardCapture(links: interfaces, sources: [.mac, .mac])
        var reader = CaptureReader(octets: octets)
        while let record = try? reader.next() {
            builder.add(record)
            heard.take(record)
        }
        _ = builder.build()
        return packets
    }

    /// The links of whoever hears captures.
    private static let interfaces = [(1, UInt16(2412)), (2, 5180)].compactMap { number, frequency in
        LinkIdentifier(number).map {
            RecordedInterface(
                link: $0, name: "", frequency: frequency,
                address: MACAddress(rawValue: 0x0252_4c00_000a | UInt64(number) << 16))
        }
    }

    // MARK: Configurations

    private static func run(configuration octets: [UInt8]) -> Int {
        let text = String(decoding: octets, as: UTF8.self)
        guard let configuration = try? AgentConfiguration(recorded: text, file: "fuzzed") else { return 0 }
        var engine = Engine(configuration: configuration.engine, seed: 1)
        for link in configuration.links {
            let properties = LinkProperties(
                address: MACAddress(rawValue: 0x0252_4c01_000a), frequency: 2412, acknowledgment: .mac)
            engine.handle(.linkUp(link.identifier, properties), now: MonotonicInstant(nanoseconds: 1_000_000_000))
        }
        drain(&engine)
        // What a recording says of it is the same again.
        let again = try? AgentConfiguration(recorded: configuration.text, file: "again")
        precondition(again?.engine == configuration.engine, "a configuration that is written is read as it was")
        return 1
    }

    // MARK: Recordings

    /// How much of a recording is replayed with a core of its own.
    private static let longest = 20_000

    private static func run(recording octets: [UInt8]) -> Int {
        var decoder = RecordingDecoder(octets: octets)
        var items: [RecordedItem] = []
        while let item = try? decoder.next() { items.append(item) }
        guard let start = decoder.start,
            let configuration = try? AgentConfiguration(recorded: start.configuration, file: "recorded")
        else { return items.count }
        var replay = Replay(configuration: configuration.engine, seed: start.seed)
        for item in items { replay.take(item) }
        decide(items.prefix(longest), configuration.engine, seed: start.seed)
        var builder = ReportBuilder()
        builder.add(
            recording: items, configuration: configuration.engine, names: configuration.peerNames, file: "recorded")
        _ = ReportPage.html(builder.build(), title: "recorded", sources: [])
        return items.count
    }

    /// Hands a core all inputs and its own deadlines, whatever it says: replaying ends where it says something else.
    private static func decide(
        _ items: some Sequence<RecordedItem>, _ configuration: EngineConfiguration, seed: UInt64
    ) {
        var engine = Engine(configuration: configuration, seed: seed)
        for case .input(let input, let instant) in items {
            var turns = 0
            // Of a jump in time not every deadline is worth a try.
            for _ in 0..<100 {
                guard let deadline = engine.nextDeadline?.instant, deadline <= instant else { break }
                engine.handle(.deadlineReached, now: max(deadline, earliest))
                drain(&engine)
                // Payloads follow a rebuild request a turn later, at the same instant.
                turns = engine.nextDeadline.map { $0.instant > deadline } ?? true ? 0 : turns + 1
                precondition(turns <= mostTurns, "a deadline that stays is a loop without end")
            }
            engine.handle(input, now: instant)
            drain(&engine)
        }
        _ = engine.status()
    }

    private static let earliest = MonotonicInstant(nanoseconds: 0)
    /// More than the core needs at one instant: one for each of its sessions.
    private static let mostTurns = 20
    /// More than the core can have to say about one input: all that its sessions hold.
    private static let mostOutputs = 100_000

    private static func drain(_ engine: inout Engine) {
        var outputs = 0
        while engine.nextOutput() != nil {
            outputs += 1
            precondition(outputs < mostOutputs, "the core has no end of things to say")
        }
    }
}
