import Agent
import Foundation
import LinkSecurity
import Recording
import SessionCore
import Testing

/// What the agents of lab scenarios recorded must be decided again, output for output: a change of behaviour shows here.
@Suite("Recordings of the lab") struct RecordingReplayTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Recordings")

    static var names: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).filter { $0.hasSuffix(".pcapng") }.sorted()
    }

    static func items(_ octets: [UInt8]) throws -> [RecordedItem] {
        var decoder = RecordingDecoder(octets: octets)
        var items: [RecordedItem] = []
        while let item = try decoder.next() { items.append(item) }
        return items
    }

    static func octets(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }

    /// What stands beside a recording of agents that share a key. The lab drew the key, and nobody else has it.
    static func secrets(_ name: String) throws -> [ReplaySecrets] {
        let path = folder.appending(path: name.dropLast("pcapng".count) + "keys")
        guard FileManager.default.fileExists(atPath: path.path) else { return [] }
        return try KeyLog(parsing: String(decoding: try Data(contentsOf: path), as: UTF8.self)).secrets
    }

    static func replay(_ items: [RecordedItem], _ secrets: [ReplaySecrets] = []) throws -> Replay? {
        guard case .start(let start)? = items.first else { return nil }
        var configuration = try AgentConfiguration(recorded: start.configuration, file: "recorded")
        let secrets = try start.secrets(among: secrets)
        configuration.use(secrets?.keys)
        var replay = Replay(configuration: configuration.engine, seed: start.seed, secrets: secrets?.generator)
        for item in items { replay.take(item) }
        return replay
    }

    @Test("there are recordings of both agents") func there() { #expect(Self.names.count >= 80) }

    @Test("every output is the same", arguments: names)
    func identical(name: String) throws {
        let replay = try #require(try Self.replay(Self.items(Self.octets(name)), Self.secrets(name)))
        let difference = replay.difference.map {
            "output \($0.number): - \($0.recorded?.text ?? "nothing") + \($0.replayed?.text ?? "nothing")"
        }
        #expect(difference == nil)
        // The agents of clean-up have nobody to talk to.
        #expect(replay.outputs > (name.hasPrefix("clean-up") ? 3 : 10))
    }

    @Test("with a key, there are some, and without the secrets none of them is replayed")
    func protected() throws {
        let names = Self.names.filter { $0.contains("-psk-") }
        #expect(names.count >= 6)
        for name in names {
            let items = try Self.items(Self.octets(name))
            #expect(throws: ReplayObstacle.noSecrets) { try Self.replay(items) }
        }
    }

    /// The shortest recording, so that every cut of it can be tried.
    static let shortest = names.min { length($0) < length($1) }

    private static func length(_ name: String) -> Int {
        (try? folder.appending(path: name).resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? .max
    }

    @Test("cut at any octet, it opens and replays up to there")
    func cut() throws {
        let octets = try Self.octets(try #require(Self.shortest))
        let whole = try Self.items(octets)
        var replayed = 0
        for length in 0...octets.count {
            let items = try Self.items(Array(octets.prefix(length)))
            guard items.count != replayed else { continue }
            // Each octet adds one item at most, and changes none before it.
            #expect(items.count == replayed + 1 && items.last == whole[replayed], "cut at \(length)")
            replayed = items.count
            let replay = try Self.replay(items)
            #expect(replay != nil && replay?.difference == nil, "cut at \(length)")
        }
        #expect(replayed == whole.count)
    }
}
