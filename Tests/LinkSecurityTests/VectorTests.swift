import Foundation
import IEEE80211
import Testing

@testable import LinkSecurity

/// A handshake and frames from fixed keys, as `Vectors/*.txt` has them. tools/securitylib computes the same in Python, from the
/// keys on.
private struct VectorMaker {
    private static let ephemeralA = [UInt8](repeating: 0xa1, count: 32)
    private static let ephemeralB = [UInt8](repeating: 0xb2, count: 32)
    /// LLC/SNAP with EtherType 88-B5, and a text.
    private static let text: [UInt8] =
        [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00, 0x88, 0xb5] + Array("Sessions outlive links.".utf8)

    private var lines: [String] = []
    private var pair: SecuredPair

    init(cipher: DataCipher) throws {
        var settings = PeerSecurity.Settings()
        settings.cipher = cipher
        pair = try SecuredPair(settings: settings)
        note("cipher", [cipher.rawValue])
        note("key", (0..<32).map { $0 ^ 0x42 })
        note("initiator", Self.octets(of: SecuredPair.addressA))
        note("responder", Self.octets(of: SecuredPair.addressB))
        note("initiator-ephemeral", Self.ephemeralA)
        note("responder-ephemeral", Self.ephemeralB)
        note("initiator-capabilities", SecuredPair.capabilitiesA)
        note("responder-capabilities", SecuredPair.capabilitiesB)
        note("text", Self.text)
    }

    private static func octets(of address: MACAddress) -> [UInt8] { (0..<6).map { address.octet($0) } }

    private mutating func note(_ name: String, _ octets: [UInt8]) {
        lines.append(name + " " + octets.map { String(format: "%02x", $0) }.joined())
    }

    mutating func make() throws -> String {
        pair.a.beginKeyLog()
        let request = try pair.a.begin(ephemeral: SecuredPair.ephemeral(Self.ephemeralA))
        guard
            case .answer(let response) = try pair.b.receive(
                request, ephemeral: { () throws(HandshakeError) in try SecuredPair.ephemeral(Self.ephemeralB) },
                cookies: pair.cookiesB, isUnderLoad: false),
            try pair.toA(response) == .established
        else { throw SecuredPair.Unusable() }
        note("request", request)
        note("response", response)
        for _ in 0..<2 { note("initiator-action", try Frames.action(sealedBy: &pair.a)) }
        _ = try pair.verify(at: \.b, Frames.action(sealedBy: &pair.a))
        for _ in 0..<2 { note("initiator-data", try Frames.data(Self.text, sealedBy: &pair.a)) }
        // With MLD addresses in the MAC header, too: what reads GCMP but knows of no MLD can read it.
        var frame = Frames.plainData(Self.text, receiver: SecuredPair.addressB, transmitter: SecuredPair.addressA)
        try Frames.inPlace(&frame) { (octets) throws(ProtectionError) in try pair.a.seal(&octets) }
        note("initiator-data", frame)
        note("responder-action", try Frames.action(sealedBy: &pair.b))
        note("responder-data", try Frames.data(Self.text, sealedBy: &pair.b))
        for key in pair.a.takeLoggedKeys() { note("logged-key", Array(key.line.utf8)) }
        return lines.joined(separator: "\n") + "\n"
    }
}

@Suite("Fixed vectors")
struct VectorTests {
    @Test("keys, messages and frames are as in the files that Python reads", arguments: DataCipher.allCases)
    func files(cipher: DataCipher) throws {
        var maker = try VectorMaker(cipher: cipher)
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/\(cipher).txt")
        let made = try maker.make()
        #expect(try String(contentsOf: file, encoding: .utf8) == made, "made:\n\(made)")
    }
}
