import IEEE80211
import LinkSecurity
import SessionCore
import TestSupport
import Testing

@testable import Recording

/// Recordings of devices that share a key: what their secrets came of is in a key log, and not in the recording.
@Suite("Recordings of protected sessions")
struct ProtectedRecordingTests {
    struct Tape {
        var configuration: EngineConfiguration
        var octets: [UInt8]
        var secrets: ReplaySecrets
    }

    /// What a station of a pair with a key records while a link dies under long payloads.
    static func tape(_ station: Int, seed: UInt64 = 1) -> Tape {
        var configurations: [EngineConfiguration] = []
        var pair = Pair(seed: seed, isSecured: true) { _, changed in configurations.append(changed) }
        let link = pair.run(untilEvent: .established, at: Pair.a)?.link
        pair.send((0..<10).map { [UInt8](repeating: $0, count: 1400) })
        pair.run(for: .milliseconds(30))
        if let link { pair.setDead(link, true) }
        pair.send((10..<20).map { [UInt8](repeating: $0, count: 1400) })
        pair.run(untilEvent: .rebuilt, at: Pair.a)
        pair.run(for: .milliseconds(100))
        let own = seed &+ UInt64(station)
        let links = (1...2).compactMap(LinkIdentifier.init)
        let interfaces = links.map {
            RecordedInterface(link: $0, name: "relink\($0)", frequency: 2412, address: Pair.address(station, $0))
        }
        var encoder = RecordingEncoder(
            RecordingStart(seed: own, clockOffset: 0, isProtected: true, configuration: "", links: links),
            interfaces: interfaces, program: "test")
        let configuration = configurations[station]
        var engine = Engine(configuration: configuration, seed: own, secrets: Pair.secrets(own))
        for (input, instant) in pair.inputs[station] {
            encoder.append(input, at: instant)
            engine.handle(input, now: instant)
            while let output = engine.nextOutput() { encoder.append(RecordedOutput(output), at: instant) }
            encoder.appendTurnEnd(at: instant)
        }
        return Tape(
            configuration: configuration, octets: encoder.octets,
            secrets: ReplaySecrets(seed: own, octets: Pair.secretOctets(own), keys: configuration.keys))
    }

    /// Replays with what the text of a key log says; what a recording says of the configuration has no keys.
    static func replay(_ tape: Tape, keys text: String) throws -> Replay {
        var decoder = RecordingDecoder(octets: tape.octets)
        var items: [RecordedItem] = []
        while let item = try decoder.next() { items.append(item) }
        let start = try #require(decoder.start)
        let secrets = try #require(try start.secrets(among: try KeyLog(parsing: text).secrets))
        var configuration = tape.configuration
        configuration.use(nil)
        #expect(!configuration.usesKeys)
        configuration.use(secrets.keys)
        var replay = Replay(configuration: configuration, seed: start.seed, secrets: secrets.generator)
        for item in items { replay.take(item) }
        return replay
    }

    static func text(_ secrets: ReplaySecrets) -> String { secrets.lines.joined(separator: "\n") }

    @Test("are decided again identically with the secrets, at both ends", arguments: [Pair.a, Pair.b], UInt64(1)...3)
    func identical(station: Int, seed: UInt64) throws {
        let tape = Self.tape(station, seed: seed)
        let replay = try Self.replay(tape, keys: Self.text(tape.secrets))
        #expect(replay.difference == nil, "\(replay.difference?.recorded?.text ?? "")")
        #expect(replay.outputs > 40)
    }

    @Test("have no secret in them")
    func noSecret() throws {
        let tape = Self.tape(Pair.a)
        #expect(tape.octets.firstRange(of: tape.secrets.octets) == nil)
        let key: [UInt8] = (0..<32).map { $0 ^ 0x42 }
        #expect(PreSharedKey(octets: key) == tape.secrets.keys.key(for: Pair.mldAddress(1)))
        #expect(tape.octets.firstRange(of: key) == nil)
    }

    @Test("are refused without secrets, with others, cut, midway, and in their further files; open ones need none")
    func refused() throws {
        let secrets = Self.tape(Pair.a).secrets
        var start = RecordingStart(
            seed: secrets.seed, clockOffset: 0, isProtected: true, configuration: "", links: [])
        #expect(try start.secrets(among: [Self.tape(Pair.b).secrets, secrets]) == secrets)
        #expect(throws: ReplayObstacle.noSecrets) { try start.secrets(among: []) }
        #expect(throws: ReplayObstacle.otherSecrets) { try start.secrets(among: [Self.tape(Pair.b).secrets]) }
        start.keptOctets = 96
        #expect(throws: ReplayObstacle.cutFrames) { try start.secrets(among: [secrets]) }
        start.isMidway = true
        #expect(throws: ReplayObstacle.midway) { try start.secrets(among: [secrets]) }
        (start.isMidway, start.part) = (false, 1)
        #expect(throws: ReplayObstacle.midway) { try start.secrets(among: [secrets]) }
        (start.isProtected, start.part) = (false, 0)
        #expect(try start.secrets(among: [secrets]) == nil)
    }

    @Test("a secret or a key that is another one is the first difference", arguments: [0, 1])
    func wrong(line: Int) throws {
        let tape = Self.tape(Pair.a)
        var lines = tape.secrets.lines
        lines[line] = String(lines[line].dropLast()) + (lines[line].hasSuffix("0") ? "1" : "0")
        let difference = try #require(try Self.replay(tape, keys: lines.joined(separator: "\n")).difference)
        // The first handshake message shows both.
        #expect(difference.recorded != nil && difference.replayed != nil && difference.number < 20)
        #expect(difference.texts.recorded != difference.texts.replayed)
    }

    @Test("what would have been with another threshold is told, too")
    func whatIf() throws {
        let tape = Self.tape(Pair.a)
        var decoder = RecordingDecoder(octets: tape.octets)
        var items: [RecordedItem] = []
        while let item = try decoder.next() { items.append(item) }
        func lost(failures: Int) -> MonotonicInstant? {
            var changed = tape.configuration
            changed.health.failuresUntilLost = failures
            changed.health.minimumDoubt = failures == 1 ? .zero : changed.health.minimumDoubt
            var whatIf = WhatIf(
                configuration: changed, recorded: tape.configuration, seed: tape.secrets.seed,
                secrets: tape.secrets.generator, fates: WhatIf.fates(of: items))
            for item in items { whatIf.take(item) }
            return whatIf.told.first { $0.event.kind == "linkLost" }?.instant
        }
        let then = try #require(lost(failures: tape.configuration.health.failuresUntilLost))
        #expect(try #require(lost(failures: 1)) < then)
    }
}
