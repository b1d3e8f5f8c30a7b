import CaptureFiles
import FrameDecoding
import IEEE80211
import LinkSecurity
import SessionCore
import TestSupport
import Testing

/// What two agents with a key said, read by somebody who has their key log.
@Suite("Decrypting with logged keys")
struct DecryptionTests {
    static let payload: [UInt8] = Array("what only these two know, ".utf8) + [UInt8](0..<200)

    /// All frames that station b of a pair was handed, and the keys that it had.
    static func conversation(seed: UInt64 = 1) -> (frames: [[UInt8]], keys: [LoggedKey]) {
        var configurations: [EngineConfiguration] = []
        var pair = Pair(seed: seed, isSecured: true) { _, changed in configurations.append(changed) }
        pair.run(untilEvent: .established, at: Pair.a)
        pair.send([payload, [1, 2, 3]])
        pair.run(for: .milliseconds(100))
        let seed = seed &+ UInt64(Pair.b)
        var engine = Engine(configuration: configurations[Pair.b], seed: seed, secrets: Pair.secrets(seed))
        engine.beginKeyLog()
        var frames: [[UInt8]] = []
        var keys: [LoggedKey] = []
        for (input, instant) in pair.inputs[Pair.b] {
            if case .frameReceived(_, let mpdu, _) = input { frames.append(mpdu) }
            engine.handle(input, now: instant)
            while engine.nextOutput() != nil {}
            keys += engine.takeLoggedKeys()
        }
        return (frames, keys)
    }

    static func report(_ mpdu: [UInt8], _ ring: FrameKeyRing?, kept: Int = .max) -> FrameReport {
        FrameReport(
            number: 1,
            CaptureRecord(
                linkType: .ieee80211, timestamp: nil, originalLength: mpdu.count, octets: Array(mpdu.prefix(kept))),
            keys: ring)
    }

    static func text(_ report: FrameReport) -> String {
        var line: [UInt8] = []
        report.appendText(to: &line, origin: nil)
        return String(decoding: line, as: UTF8.self)
    }

    private static func isEncrypted(_ mpdu: [UInt8]) -> Bool { mpdu[0] == 0x88 && mpdu[1] & 0x40 != 0 }

    private static func hex(_ octets: some Sequence<UInt8>) -> String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test("the messages of a handshake are told by their names")
    func handshakes() throws {
        let texts = Self.conversation().frames.map { Self.text(Self.report($0, nil)) }
        #expect(texts.contains { $0.contains("Relink handshake re") })
        #expect(!texts.contains { $0.contains("not readable") })
        let kinds: [(octet: UInt8, name: String)] = [
            (1, "request"), (2, "response"), (3, "cookie"), (9, "message of an unknown kind"),
        ]
        for (octet, name) in kinds {
            let frame = ActionFrame(
                receiver: MACAddress(rawValue: 2), transmitter: MACAddress(rawValue: 4), bssid: .broadcast,
                action: .vendorSpecific(VendorSpecificAction(oui: SessionElement.oui, body: [6, 1, octet])))
            #expect(Self.text(Self.report(frame.serialized(), nil)).contains("Relink handshake \(name)"))
        }
    }

    @Test("every protected frame is verified, and payloads are shown as the host sent them")
    func verified() throws {
        let (frames, keys) = Self.conversation()
        #expect(Set(keys.map(\.kind)) == [.data, .action] && keys.count % 4 == 0)
        // As it stands in the file.
        let ring = try FrameKeyRing(KeyLog(parsing: KeyLog.head + keys.map(\.line).joined(separator: "\n")).keys)
        let data = frames.filter(Self.isEncrypted)
        let first = Self.report(try #require(data.first), ring)
        #expect(first.protection == .verified)
        guard case .decrypted(let content) = first.body else { return #expect(Bool(false), "not decrypted") }
        #expect(Array(content.plaintext) == Self.payload)
        #expect(Self.text(first).contains("226 octets, session "))
        #expect(Self.text(first).contains(", verified: " + Self.hex(Self.payload.prefix(64)) + "…"))
        var line: [UInt8] = []
        first.appendJSON(to: &line)
        let json =
            "\"protection\":\"verified\",\"link\":1,\"payloadSequence\":0,\"payloadLength\":226,\"plaintext\":\""
            + Self.hex(Self.payload) + "\""
        #expect(String(decoding: line, as: UTF8.self).contains(json))
        let reports = frames.map { Self.report($0, ring) }
        #expect(reports.contains { $0.protection == .verified && $0.header?.kind == .action })
        #expect(!reports.contains { $0.protection == .tagWrong || $0.protection == .noKey })
        // Nothing is said of protection where nobody asked.
        #expect(frames.allSatisfy { Self.report($0, nil).protection == nil })
    }

    @Test(
        "a damaged frame has a wrong tag, wherever it is damaged; its plaintext is shown where it still looks like one")
    func damaged() throws {
        let (frames, keys) = Self.conversation()
        let ring = try FrameKeyRing(keys)
        for frame in frames { _ = Self.report(frame, ring) }
        let data = try #require(frames.first(where: Self.isEncrypted))
        for place in [34, 60, 80, data.count - 17, data.count - 1] {
            var damaged = data
            damaged[place] ^= 4
            let report = Self.report(damaged, ring)
            #expect(report.protection == .tagWrong, "octet \(place)")
            if case .decrypted = report.body {} else { #expect(place == 34, "octet \(place) is not in front") }
        }
        let action = try #require(frames.first { Self.report($0, ring).protection == .verified && $0[0] == 0xd0 })
        var damaged = action
        damaged[26] ^= 1
        #expect(Self.report(damaged, ring).protection == .tagWrong)
    }

    @Test("of a frame that the capture cut the plaintext is shown as far as it goes, and not as proved")
    func cut() throws {
        let (frames, keys) = Self.conversation()
        let ring = try FrameKeyRing(keys)
        let data = try #require(frames.first(where: Self.isEncrypted))
        let report = Self.report(data, ring, kept: 160)
        #expect(report.protection == .cut)
        guard case .decrypted(let content) = report.body else { return #expect(Bool(false), "not decrypted") }
        #expect(Array(content.plaintext) == Array(Self.payload.prefix(160 - 64)))
        #expect(Self.text(report).contains(", tag cut off: "))
        for kept in 0..<64 { #expect(Self.report(data, ring, kept: kept).protection != .verified) }
    }

    @Test("keys of others fit nothing, and the right ones fit among many")
    func others() throws {
        let (frames, keys) = Self.conversation()
        let others = Self.conversation(seed: 2).keys
        let data = try #require(frames.first(where: Self.isEncrypted))
        let none = Self.report(data, try FrameKeyRing(others))
        #expect(none.protection == .noKey)
        if case .encrypted = none.body {} else { #expect(Bool(false), "decrypted without a key") }
        #expect(Self.report(data, try FrameKeyRing(keys + others)).protection == .verified)
    }

    @Test(
        "a key log that is none is refused with its line", arguments: ["x", "data a b 0 00", "data 1", "# good\n\nbad"])
    func bad(text: String) {
        #expect(throws: KeyLog.Fault(line: text.split(separator: "\n", omittingEmptySubsequences: false).count)) {
            try KeyLog(parsing: text)
        }
    }
}
