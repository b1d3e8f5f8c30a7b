import IEEE80211
import Testing

@testable import LinkSecurity

@Suite("Key logs")
struct KeyLogTests {
    static let peer = MACAddress(rawValue: 0x0252_4c00_000b)
    static let digits = String(repeating: "0123456789abcdef", count: 4)
    static let frameKey = "data 02:52:4c:00:00:0a 02:52:4c:00:00:0b 1 \(digits)"
    static let head = "replay 8b5d21f093c46e17 \(digits)"

    static func key(_ number: UInt8) -> PreSharedKey? { PreSharedKey(octets: (0..<32).map { $0 ^ number }) }

    static func secrets(seed: UInt64, hasShared: Bool = true) throws -> ReplaySecrets {
        var keys = KeyFile(shared: hasShared ? key(1) : nil)
        keys.set(try #require(key(2)), for: peer)
        keys.set(try #require(key(3)), for: MACAddress(rawValue: 0x0252_4c00_0001))
        return ReplaySecrets(seed: seed, octets: Array(1...32), keys: keys)
    }

    @Test(
        "what a recording is replayed with is read as it was written, among keys of frames", arguments: [true, false])
    func roundTrip(hasShared: Bool) throws {
        let secrets = try Self.secrets(seed: 0x000d_21f0_93c4_6e17, hasShared: hasShared)
        #expect(secrets.lines.count == (hasShared ? 4 : 3))
        let log = try KeyLog(parsing: KeyLog.head + (secrets.lines + [Self.frameKey, ""]).joined(separator: "\n"))
        #expect(log.secrets == [secrets])
        #expect(log.keys.map(\.line) == [Self.frameKey])
        #expect(secrets.generator != nil)
    }

    @Test("a log without it has keys of frames alone, as logs of before")
    func without() throws {
        let log = try KeyLog(parsing: KeyLog.head + Self.frameKey + "\n")
        #expect(log.secrets.isEmpty && log.keys.count == 1)
    }

    @Test("logs that somebody put together have the secrets of each")
    func several() throws {
        let all = try [1, 2].map { try Self.secrets(seed: $0) }
        let log = try KeyLog(parsing: all.flatMap { $0.lines + ["# others", Self.frameKey] }.joined(separator: "\n"))
        #expect(log.secrets == all)
        #expect(log.keys.count == 2)
    }

    @Test(
        "a line that is none of it is refused with its number",
        arguments: [
            "psk any \(digits)", "\(head)\nreplay", "\(head)\nreplay 1 \(digits)",
            "\(head)\nreplay 8b5d21f093c46e1g \(digits)", "\(head)\nreplay 8b5d21f093c46e17 \(digits.dropLast(2))",
            "\(head)\n\(head) 0", "\(head)\npsk", "\(head)\npsk any", "\(head)\npsk any \(digits.dropLast())",
            "\(head)\npsk any \(digits)00", "\(head)\npsk any \(String(repeating: "7", count: 64))",
            "\(head)\npsk b \(digits)", "\(head)\npsk 33:33:00:00:00:01 \(digits)",
            "\(head)\npsk any \(digits) \(digits)", "\(head)\npsk any \(digits)\npsk any \(digits)",
            "\(head)\npsk 02:52:4c:00:00:0b \(digits)\npsk 02:52:4c:00:00:0b \(digits)", "\(head)\nsecret",
        ])
    func malformed(text: String) {
        let line = text.split(separator: "\n").count
        #expect(throws: KeyLog.Fault(line: line)) { try KeyLog(parsing: text) }
    }
}
