import IEEE80211
import LinkSecurity
import Logging
import SessionCore
import Synchronization
import Testing

@testable import Agent

/// An agent whose randomness comes of a seed, as in the lab: what it draws, and which keys it takes.
@Suite struct LabSeedTests {
    private static let other = "02:52:4c:00:00:0b"

    /// A configuration with peers, and the key files that it names.
    private func configuration(
        _ keys: [(file: String, text: String)] = [], top: String = "", peer: String = "", own: String = "0a"
    ) throws -> AgentConfiguration {
        let directory = try TemporaryDirectory()
        for key in keys { #expect(KeyFileWriter.write(key.text, to: "\(directory.path)/\(key.file)") == nil) }
        let text = """
            mld_address = "02:52:4c:00:00:\(own)"
            \(top)
            [[links]]
            id = 1
            wiphy = "phy0"
            channel = 1
            [[peers]]
            mld_address = "\(Self.other)"
            \(peer)
            [[peers.links]]
            id = 1
            address = "02:52:4c:01:00:0b"
            """
        return try AgentConfiguration(parsing: text, file: "\(directory.path)/relink.toml")
    }

    private let lab = KeyFile.text(sharing: .lab)

    private func stranger() throws -> PreSharedKey { try #require(PreSharedKey(octets: [UInt8](0..<32))) }

    /// Everything that is drawn, as numbers.
    private func draws(_ seed: UInt64, _ configuration: AgentConfiguration) throws -> [UInt64] {
        var randomness = try Randomness(labSeed: seed, configuration: configuration)
        let secrets = randomness.secretOctets
        #expect(secrets.count == SecretGenerator.length && PreSharedKey(octets: secrets) != nil)
        let words = stride(from: 0, to: secrets.count, by: 8).map { start in
            secrets[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        return [randomness.seed] + words + [randomness.trials.next()]
    }

    @Test("the same seed gives the same draws; another seed, or another device, gives none of them")
    func sameSeed() throws {
        let configuration = try configuration([("k", lab)], top: "key_file = \"k\"")
        let first = try draws(7, configuration)
        #expect(Set(first).count == first.count)
        #expect(try draws(7, configuration) == first)
        #expect(try Set(first).isDisjoint(with: draws(8, configuration)))
        let elsewhere = try self.configuration([("k", lab)], top: "key_file = \"k\"", own: "0c")
        #expect(try Set(first).isDisjoint(with: draws(7, elsewhere)))
    }

    @Test("the agent's core and secrets come of the seed")
    func agent() throws {
        let configuration = try configuration(top: "security = \"open\"")
        let randomness = try Randomness(labSeed: 7, configuration: configuration)
        let fixture = try AgentFixture(starts: false, randomness: randomness)
        #expect(fixture.agent.seed == randomness.seed)
        #expect(fixture.agent.secretOctets == randomness.secretOctets)
        #expect(fixture.agent.isPredictable)
    }

    @Test("no key, and the lab's own, at the top or of a peer, are taken")
    func accepted() throws {
        for configuration in [
            try configuration(top: "security = \"open\""), try configuration([("k", lab)], top: "key_file = \"k\""),
            try configuration([("k", lab)], peer: "key_file = \"k\""),
        ] {
            #expect(try Randomness(labSeed: 1, configuration: configuration).isPredictable)
        }
    }

    @Test("any other key is refused, with whose it is, what is wrong and what to do")
    func refused() throws {
        let key = try stranger()
        let text = KeyFile.text(sharing: key)
        let peer = MACAddress(Self.other)
        let elsewhere = MACAddress("02:52:4c:00:00:0d")
        let line = try #require(text.split(separator: "\n").last)
        for (configuration, owner) in [
            (try configuration([("k", text)], top: "key_file = \"k\""), peer),
            (try configuration([("k", text)], peer: "key_file = \"k\""), peer),
            // The peer's own goes before the lab's, in a file of its own and in the shared one.
            (try configuration([("k", lab), ("b", text)], top: "key_file = \"k\"", peer: "key_file = \"b\""), peer),
            (try configuration([("k", lab + "\(Self.other) \(line)\n")], top: "key_file = \"k\""), peer),
            // Whoever holds the key may be discovered, or become a peer later.
            (try configuration([("k", lab + "02:52:4c:00:00:0d \(line)\n")], top: "key_file = \"k\""), elsewhere),
            (try configuration([("k", text), ("b", lab)], top: "key_file = \"k\"", peer: "key_file = \"b\""), nil),
        ] {
            let expected = LabSeedError(peer: owner, fingerprint: key.fingerprint)
            #expect(throws: expected) { try Randomness(labSeed: 1, configuration: configuration) }
        }
        let told = LabSeedError(peer: peer, fingerprint: key.fingerprint).description
        #expect(told.contains("peer \(Self.other)") && told.contains(key.fingerprint))
        #expect(told.contains("leave --lab-seed out") && told.contains("relink key generate --lab FILE"))
    }

    @Test("the lab's key is the published one, in the form of key files")
    func labKey() throws {
        // printf 'relink lab key, known to anybody' | base64
        #expect(lab.contains("\ncmVsaW5rIGxhYiBrZXksIGtub3duIHRvIGFueWJvZHk=\n"))
        #expect(try KeyFile(parsing: lab).shared == .lab)
    }

    @Test("a predictable agent warns of it once; so does one with the lab's key; others do not")
    func warning() throws {
        func warnings(_ randomness: Randomness, key: PreSharedKey?) throws -> [String] {
            let lines = Lines()
            let log = Logger(label: "test") { _ in LineKeeper(lines: lines) }
            try AgentFixture(randomness: randomness, log: log) { configuration in
                configuration.use(key.map { KeyFile(shared: $0) })
            }.agent.stop()
            return lines.texts.filter { !$0.hasPrefix("security is open") }
        }
        let open = try configuration(top: "security = \"open\"")
        let predictable = try Randomness(labSeed: 1, configuration: open)
        for key in [nil, PreSharedKey.lab] {
            let told = try warnings(predictable, key: key)
            #expect(told.count == 1)
            #expect(told.first?.contains("all randomness of this agent is predictable") == true)
        }
        #expect(try warnings(.testing(1), key: .lab).first?.contains("the key is the lab's own") == true)
        #expect(try warnings(.testing(1), key: stranger()).isEmpty)
        #expect(try warnings(.testing(1), key: nil).isEmpty)
    }
}

private final class Lines: Sendable {
    let kept = Mutex<[String]>([])
    var texts: [String] { kept.withLock { $0 } }
}

/// Keeps the warnings.
private struct LineKeeper: LogHandler {
    var logLevel = Logger.Level.warning
    var metadata: Logger.Metadata = [:]
    let lines: Lines

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) { lines.kept.withLock { $0.append("\(event.message)") } }
}
