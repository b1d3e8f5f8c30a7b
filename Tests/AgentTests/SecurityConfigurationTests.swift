import Glibc
import LinkSecurity
import SessionCore
import Testing

@testable import Agent

/// Keys in the configuration: where they come from, and what is told when they can't be used.
@Suite struct SecurityConfigurationTests {
    /// Line 1 is for what a test adds.
    private static func text(_ top: String, peer: String = "") -> String {
        """
        mld_address = "02:52:4c:00:00:0a"; \(top)
        [[links]]
        id = 1
        wiphy = "phy0"
        channel = 1
        [[peers]]
        mld_address = "02:52:4c:00:00:0b"
        \(peer)
        [[peers.links]]
        id = 1
        address = "02:52:4c:01:00:0b"

        """.replacingFirstSemicolon()
    }

    private func problems(_ text: String, _ file: String = "a.toml") -> [ConfigurationError.Problem] {
        do throws(ConfigurationError) {
            _ = try AgentConfiguration(parsing: text, file: file)
            return []
        } catch {
            return error.problems
        }
    }

    private func writeKey(_ directory: TemporaryDirectory, _ name: String, _ number: UInt8 = 1) throws -> PreSharedKey {
        let key = try #require(PreSharedKey(octets: (0..<32).map { $0 ^ number }))
        #expect(KeyFileWriter.write(KeyFile.text(sharing: key), to: "\(directory.path)/\(name)") == nil)
        return key
    }

    @Test("without a word about keys nothing is protected")
    func open() throws {
        let configuration = try AgentConfiguration(parsing: Self.text(""), file: "a.toml")
        #expect(configuration.security == .open)
        #expect(configuration.engine.peers.map(\.key) == [nil])
    }

    @Test("a key file at the top, beside the configuration, is that of all peers; a peer's own goes before it")
    func keys() throws {
        let directory = try TemporaryDirectory()
        let shared = try writeKey(directory, "all.key")
        let own = try writeKey(directory, "b.key", 2)
        let file = "\(directory.path)/relink.toml"
        var configuration = try AgentConfiguration(parsing: Self.text("key_file = \"all.key\""), file: file)
        #expect(configuration.security == .psk)
        #expect(configuration.engine.peers.map(\.key) == [shared])
        configuration = try AgentConfiguration(
            parsing: Self.text("key_file = \"all.key\"", peer: "key_file = \"\(directory.path)/b.key\""), file: file)
        #expect(configuration.engine.peers.map(\.key) == [own])
        configuration = try AgentConfiguration(parsing: Self.text("", peer: "key_file = \"b.key\""), file: file)
        #expect(configuration.security == .psk)
    }

    @Test("the key at the top is that of devices that are discovered, too; those that have none can't be")
    func discovery() throws {
        let directory = try TemporaryDirectory()
        let shared = try writeKey(directory, "all.key")
        _ = try writeKey(directory, "b.key", 2)
        let file = "\(directory.path)/relink.toml"
        func read(_ top: String, peer: String? = nil) throws -> AgentConfiguration {
            let text = Self.text(top, peer: peer ?? "") + "[discovery]\n"
            let end = peer == nil ? text.firstRange(of: "[[peers]]")?.lowerBound : nil
            return try AgentConfiguration(parsing: end.map { String(text[..<$0]) } ?? text, file: file)
        }
        let open = try read("")
        #expect(open.security == .open && open.engine.discovery.admission == .anybody)
        let keyed = try read("key_file = \"all.key\"")
        #expect(keyed.security == .psk)
        #expect(keyed.engine.discovery.admission == .holders(of: KeyFile(shared: shared)))
        let own = try read("", peer: "key_file = \"b.key\"")
        #expect(own.engine.discovery.admission == .holders(of: nil))
        #expect(throws: ConfigurationError.self) { try read("security = \"psk\"") }
    }

    @Test("a key that is wanted and not there, and one that is there and not wanted")
    func contradictions() throws {
        let missing = try #require(problems(Self.text("security = \"psk\"")).first)
        #expect(missing.key == "peers.key_file")
        #expect(missing.cause == "there is no key for 02:52:4c:00:00:0b")
        #expect(missing.remedy.contains("relink key generate"))

        let directory = try TemporaryDirectory()
        _ = try writeKey(directory, "k")
        let useless = problems(Self.text("security = \"open\"\nkey_file = \"\(directory.path)/k\""))
        #expect(useless.map(\.key) == ["key_file"])
        #expect(useless.map(\.line) == [3])
    }

    @Test("a key file that others may read, that is not there, or has no key: with line, cause and remedy")
    func unusableFiles() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/k"
        let text = Self.text("key_file = \"\(path)\"")
        let absent = try #require(problems(text).first)
        #expect(absent.line == 2 && absent.key == "key_file" && absent.cause.contains("No such file"))
        #expect(problems(text).count == 1)

        _ = try writeKey(directory, "k")
        #expect(chmod(path, 0o644) == 0)
        let shown = try #require(problems(text).first)
        #expect(shown.cause.contains("open to others (mode 644)") && shown.cause.contains("chmod 600"))
        #expect(chmod(path, 0o600) == 0)
        #expect(problems(text).isEmpty)

        #expect(remove(path) == 0)
        #expect(KeyFileWriter.write("not a key\n", to: path) == nil)
        let wrong = try #require(problems(text).first)
        #expect(wrong.cause.contains("line 1"))
        #expect(!wrong.cause.contains("not a key"))
    }

    @Test("a key file is its owner's alone, and none is written over")
    func written() throws {
        let directory = try TemporaryDirectory()
        let key = try writeKey(directory, "k")
        var status = stat()
        #expect(stat("\(directory.path)/k", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(KeyFileWriter.write("", to: "\(directory.path)/k")?.contains("there already") == true)
        #expect(try KeyFileReader.read("\(directory.path)/k").shared == key)
    }
}

extension String {
    /// Ends the first line where the semicolon stands: multi-line literals can't have a line that may be missing.
    fileprivate func replacingFirstSemicolon() -> String {
        guard let place = firstIndex(of: ";") else { return self }
        return self[..<place] + "\n" + self[index(after: place)...].drop { $0 == " " }
    }
}
