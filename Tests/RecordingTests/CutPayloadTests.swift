import CaptureFiles
import IEEE80211
import SessionCore
import TestSupport
import Testing

@testable import Recording

/// Recordings that keep only the start of each payload.
@Suite("Recordings with payloads cut short")
struct CutPayloadTests {
    static let kept = 96
    static let longest = 1400

    struct Tape {
        var configuration: EngineConfiguration
        var seed: UInt64
        var octets: [UInt8]
        /// How many frames were damaged in a payload, beyond what is kept of it.
        var damaged = 0
    }

    /// What a station of a pair records while a link dies under long and short payloads, and frames come damaged.
    static func tape(_ station: Int, seed: UInt64 = 1, kept: Int? = kept, whole: Bool = false) -> Tape {
        var configurations: [EngineConfiguration] = []
        var pair = Pair(seed: seed, isSecured: false) { _, changed in configurations.append(changed) }
        let link = pair.run(untilEvent: .established, at: Pair.a)?.link
        let payloads = (0..<40).map { number in
            [UInt8](repeating: UInt8(number), count: number.isMultiple(of: 3) ? number : longest - number)
        }
        pair.send(Array(payloads.prefix(20)))
        pair.run(for: .milliseconds(30))
        if let link { pair.setDead(link, true) }
        pair.send(Array(payloads.suffix(20)))
        pair.run(untilEvent: .rebuilt, at: Pair.a)
        pair.run(for: .milliseconds(100))
        let links = (1...2).compactMap(LinkIdentifier.init)
        let interfaces = links.map {
            RecordedInterface(link: $0, name: "relink\($0)", frequency: 2412, address: Pair.address(station, $0))
        }
        let start = RecordingStart(
            seed: seed &+ UInt64(station), clockOffset: 1_700_000_000_000_000_000, keptOctets: kept, configuration: "",
            links: links)
        var tape = Tape(configuration: configurations[station], seed: start.seed, octets: [])
        var engine = Engine(configuration: tape.configuration, seed: start.seed)
        var encoder = RecordingEncoder(start, interfaces: interfaces, program: "test", keepsWholeFrames: whole)
        for (input, instant) in pair.inputs[station] {
            if case .frameReceived(let link, let mpdu, let signal) = input {
                // A damaged copy comes first: whoever takes it for intact decides otherwise from there on.
                if mpdu.count > 1000, tape.damaged < 8 {
                    var copy = mpdu
                    copy[copy.count - 100] ^= 1
                    tape.damaged += 1
                    take(copy, link, signal)
                    endTurn()
                }
                take(mpdu, link, signal)
            } else {
                encoder.append(input, at: instant)
                engine.handle(input, now: instant)
            }
            endTurn()

            func endTurn() {
                while let output = engine.nextOutput() { encoder.append(RecordedOutput(output), at: instant) }
                encoder.appendTurnEnd(at: instant)
            }

            func take(_ mpdu: [UInt8], _ link: LinkIdentifier, _ signal: Int8?) {
                let carriesPayload = engine.frameReceived(mpdu.span, on: link, signal: signal, now: instant)
                encoder.appendFrame(
                    mpdu.span, on: link, signal: signal, carriesPayload: carriesPayload, at: instant)
            }
        }
        tape.octets = encoder.octets
        return tape
    }

    static func items(_ octets: [UInt8]) throws -> [RecordedItem] {
        var decoder = RecordingDecoder(octets: octets)
        var items: [RecordedItem] = []
        while let item = try decoder.next() { items.append(item) }
        return items
    }

    static func replay(_ tape: Tape) throws -> Replay {
        var replay = Replay(configuration: tape.configuration, seed: tape.seed)
        for item in try items(tape.octets) { replay.take(item) }
        return replay
    }

    @Test(
        "are decided again identically, at both ends, whatever was kept", arguments: [0, 1, kept, nil], [false, true])
    func identical(kept: Int?, whole: Bool) throws {
        for station in [Pair.a, Pair.b] {
            let tape = Self.tape(station, kept: kept, whole: whole)
            let replay = try Self.replay(tape)
            #expect(replay.difference == nil, "\(replay.difference?.recorded?.text ?? "")")
            #expect(replay.outputs > 40)
            #expect(station == Pair.a || tape.damaged == 8)
        }
    }

    @Test("have a fraction of the octets, and the first ones of each payload")
    func size() throws {
        for station in [Pair.a, Pair.b] {
            let (cut, whole) = (Self.tape(station), Self.tape(station, kept: nil))
            #expect(cut.octets.count * 3 < whole.octets.count)
            let starts = try (Self.items(cut.octets), Self.items(whole.octets))
            #expect(starts.0.count == starts.1.count)
            for (cut, whole) in zip(starts.0, starts.1) {
                guard case .output(.deliver(let some, _, _), _) = cut, case .output(.deliver(let all, _, _), _) = whole
                else { continue }
                #expect(some == all.prefix(Self.kept) + [UInt8](repeating: 0, count: max(0, all.count - Self.kept)))
            }
        }
    }

    @Test("of frames that are kept whole have every octet for other programs")
    func wholeFrames() throws {
        var reader = CaptureReader(octets: Self.tape(Pair.a, whole: true).octets)
        var frames = 0
        while let record = try reader.next() {
            #expect(record.octets.count == record.originalLength)
            frames += 1
        }
        #expect(frames > 40)
    }

    @Test("a payload that is changed, moved or of another length is the difference")
    func difference() throws {
        let tape = Self.tape(Pair.b)
        let items = try Self.items(tape.octets)
        let deliveries = items.indices.filter { if case .output(.deliver, _) = items[$0] { true } else { false } }
        let places = try #require(deliveries.count > 2 ? (deliveries[1], deliveries[2]) : nil)
        for change in 0..<3 {
            var changed = items
            guard case .output(.deliver(var payload, let peer, let tid), let instant) = items[places.0] else {
                continue
            }
            switch change {
            case 0: payload[0] ^= 1
            case 1: payload.removeLast()
            default: changed.swapAt(places.0, places.1)
            }
            if change < 2 { changed[places.0] = .output(.deliver(payload, peer: peer, tid: tid), instant) }
            var replay = Replay(configuration: tape.configuration, seed: tape.seed)
            for item in changed { replay.take(item) }
            #expect(replay.difference != nil, "change \(change)")
        }
    }

    @Test("are heard as a capture, too")
    func heard() throws {
        let tape = Self.tape(Pair.b)
        let links = (1...2).compactMap(LinkIdentifier.init).map {
            RecordedInterface(link: $0, name: "", frequency: 2412, address: Pair.address(Pair.b, $0))
        }
        var heard = HeardCapture(links: links, sources: [.mac, .mac])
        var reader = CaptureReader(octets: tape.octets)
        var cut = 0
        while let record = try reader.next() {
            if record.octets.count < record.originalLength { cut += 1 }
            heard.take(record)
        }
        #expect(cut > 20)
        let long = heard.items.count {
            if case .input(.frameReceived(_, let mpdu, _), _) = $0 { mpdu.count > 1000 } else { false }
        }
        #expect(long > 20)
    }
}
