import Agent
import Foundation
import LinkSecurity
import Recording
import SessionCore
import Testing

/// What the agents of lab scenarios recorded is handed to the core again, and what it decides must be what the text beside the recording
/// says: a change of behaviour shows here. `tools/decisions` makes the texts anew.
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

    /// What is decided now; nothing where the recording does not begin.
    static func decisions(_ items: [RecordedItem], _ secrets: [ReplaySecrets] = []) throws -> [String] {
        guard case .start(let start)? = items.first else { return [] }
        var configuration = try AgentConfiguration(recorded: start.configuration, file: "recorded")
        let secrets = try start.secrets(among: secrets)
        configuration.use(secrets?.keys)
        var stimulus = Stimulus(
            configuration: configuration.engine, seed: start.seed, secrets: secrets?.generator,
            fates: WhatIf.fates(of: items))
        return DecisionText(stimulus.turns(of: items)).lines
    }

    /// What is expected.
    static func expected(_ name: String) throws -> [String] {
        let path = folder.appending(path: name.dropLast("pcapng".count) + "decisions.txt")
        let text = String(decoding: try Data(contentsOf: path), as: UTF8.self)
        return text.split(separator: "\n").map(String.init)
    }

    @Test("there are recordings of both agents, each with its decisions, and no others; all are small")
    func there() throws {
        #expect(Self.names.count >= 80)
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        let texts = files.filter { $0.hasSuffix(".decisions.txt") }.sorted()
        #expect(texts == Self.names.map { $0.dropLast("pcapng".count) + "decisions.txt" })
        #expect(texts.reduce(0) { $0 + Self.length($1) } < 3_000_000)
    }

    @Test("what is decided is what the text says", arguments: names)
    func decided(name: String) throws {
        let decided = try Self.decisions(Self.items(Self.octets(name)), Self.secrets(name))
        let expected = try Self.expected(name)
        let first = zip(decided, expected).prefix { $0 == $1 }.count
        let difference =
            decided == expected
            ? nil
            : """
            line \(first + 1), of \(expected.count) expected and \(decided.count) decided lines:
            \(expected.dropFirst(max(0, first - 3)).prefix(min(first, 3)).map { "  \($0)" }.joined(separator: "\n"))
            - \(expected.dropFirst(first).first ?? "nothing more")
            + \(decided.dropFirst(first).first ?? "nothing more")
            If that is meant: tools/decisions, and look at the diff.
            """
        #expect(difference == nil)
        // The agents of clean-up have nobody to talk to.
        #expect(decided.count > (name.hasPrefix("clean-up") ? 3 : 10))
    }

    @Test("what the recordings say that was decided then is not what is expected")
    func recordedOutputs() throws {
        let name = "receiver-down-mac-a.pcapng"
        let items = try Self.items(Self.octets(name))
        let changed = items.compactMap { item -> RecordedItem? in
            switch item {
            case .output(.transmit(let link, let number, _), let instant):
                .output(.transmit(link: link, number: number, mpdu: [1]), instant)
            case .output(.event, _), .output(.deliver, _): nil
            default: item
            }
        }
        #expect(changed.count < items.count)
        #expect(try Self.decisions(changed) == Self.expected(name))
    }

    @Test("with a key, there are some, and without the secrets none of them is replayed")
    func protected() throws {
        let names = Self.names.filter { $0.contains("-psk-") }
        #expect(names.count >= 6)
        for name in names {
            let items = try Self.items(Self.octets(name))
            #expect(throws: ReplayObstacle.noSecrets) { try Self.decisions(items) }
        }
    }

    /// The shortest recording, so that every cut of it can be tried.
    static let shortest = names.min { length($0) < length($1) }

    private static func length(_ name: String) -> Int {
        (try? folder.appending(path: name).resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 1 << 40
    }

    @Test("cut at any octet, it opens and is decided up to there")
    func cut() throws {
        let octets = try Self.octets(try #require(Self.shortest))
        let whole = try Self.items(octets)
        let expected = try Self.decisions(whole)
        var replayed = 0
        var decided = 0
        for length in 0...octets.count {
            let items = try Self.items(Array(octets.prefix(length)))
            guard items.count != replayed else { continue }
            // Each octet adds one item at most, and changes none before it.
            #expect(items.count == replayed + 1 && items.last == whole[replayed], "cut at \(length)")
            replayed = items.count
            let decisions = try Self.decisions(items)
            #expect(decisions.count >= decided, "cut at \(length)")
            #expect(decisions == Array(expected.prefix(decisions.count)), "cut at \(length)")
            decided = decisions.count
        }
        #expect(replayed == whole.count && decided == expected.count && decided > 3)
    }
}
