import IEEE80211
import LinkSecurity
import TestSupport
import Testing

@testable import SessionCore

/// docs/protocol.md shows protected frames in hex, too, with the key 42 43 40 … and secrets of a seed.
@Suite struct DocumentedProtectionTests {
    struct Unusable: Error {}

    /// Two ends with keys: a asks, b answers.
    private struct Ends {
        let request: [UInt8]
        let response: [UInt8]
        var a: PeerSecurity
        var b: PeerSecurity

        init() throws {
            guard let key = Pair.key(), var secrets = Pair.secrets(1),
                let cookies = CookieSecrets(current: secrets.next())
            else { throw Unusable() }
            a = try PeerSecurity(
                local: Pair.mldAddress(Pair.a), peer: Pair.mldAddress(Pair.b), key: key, capabilities: [3])
            b = try PeerSecurity(
                local: Pair.mldAddress(Pair.b), peer: Pair.mldAddress(Pair.a), key: key, capabilities: [3])
            func pair() throws(HandshakeError) -> Ephemeral {
                guard let pair = Ephemeral(octets: secrets.next()) else { throw .failed }
                return pair
            }
            request = try a.begin(ephemeral: try pair())
            guard
                case .answer(let response) = try b.receive(
                    request, ephemeral: pair, cookies: cookies, isUnderLoad: false)
            else { throw Unusable() }
            self.response = response
            _ = try a.receive(response, ephemeral: pair, cookies: cookies, isUnderLoad: false)
        }
    }

    private static func handshake(_ message: [UInt8], from station: Int) -> [UInt8] {
        ActionFrame(
            receiver: Pair.address(1 - station, link1), transmitter: Pair.address(station, link1), bssid: .broadcast,
            action: HandshakeFrame.action(message)
        ).serialized()
    }

    @Test("the hex of protected frames in docs/protocol.md is what the code makes")
    func documented() throws {
        let ends = try Ends()
        let end = try #require(DocumentedFrameTests.frames.first { $0.name == "session end" })
        var protection: PeerProtection? = PeerProtection(security: ends.a)
        var sessionEnd = end.octets
        let isAuthenticated = protection?.authenticate(&sessionEnd)
        #expect(isAuthenticated == true)

        var store = PayloadStore()
        let text = Array("Relink".utf8)
        guard let payload = store.insert(text.span) else { throw Unusable() }
        let transmission = PayloadTransmission(
            payload: payload, peer: 0, link: link2, receiver: Pair.address(Pair.b, link2),
            transmitter: Pair.address(Pair.a, link2), tid: .bestEffort,
            sequenceControl: SequenceControl(sequence: 0),
            header: PayloadHeader(
                transmission: TransmissionNumber(rawValue: 0x105),
                session: SessionIdentifier(rawValue: 0x8b5d_21f0_93c4_6e17), sequence: SequenceNumber(rawValue: 3)))
        var data: [UInt8] = []
        store.withSealedFrame(around: payload, by: &protection, build: transmission.writeProtected(around:)) { mpdu in
            data = mpdu.withUnsafeBytes { [UInt8]($0) }
        }
        for (name, octets) in [
            ("handshake request (key)", Self.handshake(ends.request, from: Pair.a)),
            ("handshake response (key)", Self.handshake(ends.response, from: Pair.b)),
            ("session end (key)", sessionEnd), ("payload (key)", data),
        ] {
            try DocumentedFrameTests().documented(name: name, octets: octets)
        }
    }
}
