import IEEE80211
import Testing

@testable import LinkSecurity

@Suite("Key files")
struct KeyFileTests {
    private static let one = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
    private static let other = "/////////////////////////////////////////w8="

    @Test("a generated file reads back, and shows the key's fingerprint")
    func generated() throws {
        let key = try #require(PreSharedKey(octets: (1...32).map { $0 }))
        let text = KeyFile.text(sharing: key)
        #expect(text.contains("\n\(Self.one)\n"))
        #expect(text.contains(key.fingerprint))
        #expect(try KeyFile(parsing: text) == KeyFile(shared: key))
    }

    @Test("a peer's own key goes before the one for all")
    func peers() throws {
        let file = try KeyFile(
            parsing: """
                # two keys
                \(Self.one)

                  02:52:4c:00:00:0b\t\(Self.other)  \r
                """)
        let own = file.key(for: SecuredPair.addressB)
        #expect(own == PreSharedKey(octets: [UInt8](repeating: 0xff, count: 31) + [0x0f]))
        #expect(file.key(for: SecuredPair.addressA) == PreSharedKey(octets: (1...32).map { $0 }))
        #expect(own != file.shared)
    }

    @Test("without a key for all, strangers have none")
    func strangers() throws {
        let file = try KeyFile(parsing: "02:52:4c:00:00:0b \(Self.one)")
        #expect(file.key(for: SecuredPair.addressB) != nil)
        #expect(file.key(for: SecuredPair.addressA) == nil)
    }

    @Test(
        "what is wrong is named, with its line",
        arguments: [
            ("", 1, .noKey),
            ("# nothing\n\n", 3, .noKey),
            ("\n\(one) \(one)", 2, .notAnAddress),
            ("ff:ff:ff:ff:ff:ff \(one)", 1, .notAnAddress),
            ("02:52:4c:00:00:0b \(one) x", 1, .tooManyFields),
            ("#\n\(one.dropLast())", 2, .notBase64),
            ("\(one.dropLast(2))x=", 1, .notBase64),
            ("AQIDBA==", 1, .wrongLength(4)),
            ("\(one.dropLast(4))AAAA", 1, .wrongLength(33)),
            ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 1, .notRandom),
            ("\(one)\n\(other)", 2, .secondSharedKey),
            (
                "02:52:4c:00:00:0b \(one)\n#\n02:52:4C:00:00:0B \(other)", 3, .secondKey(of: SecuredPair.addressB)
            ),
        ] as [(String, Int, KeyFileError.Reason)])
    func wrong(text: String, line: Int, reason: KeyFileError.Reason) {
        #expect(throws: KeyFileError(line: line, reason: reason)) { try KeyFile(parsing: text) }
    }

    @Test("no text that can be had of a key or of an error shows the key")
    func secrecy() throws {
        let file = try KeyFile(parsing: Self.one)
        let key = try #require(file.shared)
        for text in ["\(key)", String(reflecting: key), String(reflecting: file), "\(file)", String(describing: key)] {
            #expect(!text.contains(Self.one) && !text.contains("1, 2, 3"))
            #expect(text.contains(key.fingerprint))
        }
        var dumped = ""
        dump(file, to: &dumped)
        #expect(!dumped.contains("secret") && dumped.contains(key.fingerprint))
        #expect(throws: KeyFileError.self) { try KeyFile(parsing: "\(Self.one)x") }
        #expect(!KeyFileError(line: 1, reason: .notBase64).description.contains(Self.one))
    }

    @Test("fingerprints tell keys apart and stay the same")
    func fingerprints() throws {
        let one = try #require(PreSharedKey(octets: (1...32).map { $0 }))
        let other = try #require(PreSharedKey(octets: (2...33).map { $0 }))
        #expect(one.fingerprint != other.fingerprint)
        #expect(one.fingerprint.count == 19)
        #expect(one.fingerprint == (try #require(PreSharedKey(octets: (1...32).map { $0 }))).fingerprint)
    }

    @Test("Base64 as in RFC 4648, 10", arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
    func base64(text: String) {
        let encoded = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"][text.count]
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded[...]) == Array(text.utf8))
    }

    @Test(
        "Base64 with other bits in its padding is refused",
        arguments: ["Zh==", "Zm9=", "====", "Z===", "Zg=", "Zg==Zg=="])
    func looseBase64(text: String) {
        #expect(Base64.decode(text[...]) == nil)
    }
}

@Suite("Who may read a key file")
struct KeyFilePermissionTests {
    @Test("a file of root or of the agent's user, closed to others", arguments: [(0o100600, 0), (0o100400, 1000)])
    func fine(mode: UInt32, owner: UInt32) throws {
        try KeyFilePermissions(mode: mode, owner: owner).check(user: 1000)
    }

    @Test(
        "anything else is refused, with the remedy",
        arguments: [
            (0o040700, 0, .notAFile), (0o100600, 1001, .foreignOwner(1001)),
            (0o100640, 0, .openToOthers(permissions: 0o640)), (0o100601, 0, .openToOthers(permissions: 0o601)),
            (0o100602, 0, .openToOthers(permissions: 0o602)),
        ] as [(UInt32, UInt32, KeyFilePermissionError)])
    func refused(mode: UInt32, owner: UInt32, error: KeyFilePermissionError) {
        #expect(throws: error) { try KeyFilePermissions(mode: mode, owner: owner).check(user: 1000) }
        #expect(error.explanation(path: "relink.key").contains("relink.key"))
    }

    @Test("the remedy is a command")
    func remedy() {
        let error = KeyFilePermissionError.openToOthers(permissions: 0o644)
        #expect(error.explanation(path: "/etc/relink.key").contains("chmod 600 /etc/relink.key"))
    }
}
