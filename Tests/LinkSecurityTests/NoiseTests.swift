import Testing

@testable import LinkSecurity

/// The vector `Noise_NNpsk0_25519_AESGCM_SHA256` of cacophony (haskell-cryptography/cacophony, vectors/cacophony.txt).
private enum Cacophony {
    static let prologue = octets("4a6f686e2047616c74")
    static let key = octets("54686973206973206d7920417573747269616e20706572737065637469766521")
    static let initiatorEphemeral = octets("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a")
    static let responderEphemeral = octets("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b")
    static let hash = octets("9f3b1f9afd7767767b5b9d1069844a6154fdbdcc36dfb3e31c0fffc5c973d530")
    static let request = (
        payload: octets("4c756477696720766f6e204d69736573"),
        message: octets(
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79447c37a89fc17813788d30df2d59501d6066f5f8aecc3406bb"
                + "d9829f2d24a531b1")
    )
    static let response = (
        payload: octets("4d757272617920526f746862617264"),
        message: octets(
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088432f29d79368ef9de4e1ae7a362fb05bf0ad668e026bf57145"
                + "54497b3a720461")
    )
    /// What the initiator and the responder send afterwards, in turns.
    static let transport = [
        ("462e20412e20486179656b", "7c01e898a6201f36aecee532e29cd0b7f8ffa29d3366ad0dce39a6"),
        ("4361726c204d656e676572", "a9ff535aace3db6a1da1a7fb00fe2de2622bb373abad9fb42c00e0"),
        ("4a65616e2d426170746973746520536179", "6cfc49a3e65472edc2d0152abe5ce950170a8a47c959f30bd48b5f0aacf29adbfd"),
        (
            "457567656e2042f6686d20766f6e2042617765726b",
            "9bc86e6d974ed21ba04604a94aa68de21677eb409ead070c0cd569b069ee19ba142aa4c1a9"
        ),
    ]
}

@Suite("Noise NNpsk0")
struct NoiseTests {
    private func ephemeral(_ octets: [UInt8]) throws -> Ephemeral {
        guard let ephemeral = Ephemeral(octets: octets) else { throw SecuredPair.Unusable() }
        return ephemeral
    }

    private func key(_ octets: [UInt8] = Cacophony.key) throws -> PreSharedKey {
        try #require(PreSharedKey(octets: octets))
    }

    private func begin(
        key: PreSharedKey? = nil, prologue: [UInt8] = Cacophony.prologue
    ) throws -> (message: [UInt8], next: NoiseAwaitingResponse) {
        try NoiseInitiator(
            key: try key ?? self.key(), prologue: prologue, ephemeral: try ephemeral(Cacophony.initiatorEphemeral)
        ).write(Cacophony.request.payload)
    }

    @Test("both sides write and read the published vector")
    func vector() throws {
        let (request, waiting) = try begin()
        #expect(request == Cacophony.request.message)

        let (requestPayload, answering) = try NoiseResponder(key: try key(), prologue: Cacophony.prologue).read(request)
        #expect(requestPayload == Cacophony.request.payload)
        let (response, responderSplit) = try answering.write(
            Cacophony.response.payload, ephemeral: try ephemeral(Cacophony.responderEphemeral))
        #expect(response == Cacophony.response.message)

        let (responsePayload, split) = try waiting.read(response)
        #expect(responsePayload == Cacophony.response.payload)
        #expect(split.handshakeHash == Cacophony.hash)
        #expect(responderSplit.handshakeHash == Cacophony.hash)
        #expect(responderSplit.initiatorToResponder == split.initiatorToResponder)
        #expect(responderSplit.responderToInitiator == split.responderToInitiator)

        var ciphers = [
            NoiseCipherState(key: split.initiatorToResponder), NoiseCipherState(key: split.responderToInitiator),
        ]
        for (index, (payload, message)) in Cacophony.transport.enumerated() {
            let written = try ciphers[index % 2].encrypt(octets(payload), authenticating: [])
            #expect(written == octets(message))
        }
    }

    @Test("another key or another prologue is noticed in the first message")
    func disagreement() throws {
        let (request, _) = try begin()
        let stranger = NoiseResponder(key: try key((0..<32).map { $0 }), prologue: Cacophony.prologue)
        #expect(throws: NoiseError.notAuthentic) { try stranger.read(request) }
        let other = NoiseResponder(key: try key(), prologue: Cacophony.prologue + [0])
        #expect(throws: NoiseError.notAuthentic) { try other.read(request) }
    }

    @Test("every changed bit of either message is noticed")
    func changes() throws {
        let (request, waiting) = try begin()
        let responder = NoiseResponder(key: try key(), prologue: Cacophony.prologue)
        for bit in 0..<(request.count * 8) {
            var changed = request
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: NoiseError.notAuthentic) { try responder.read(changed) }
        }
        for bit in 0..<(Cacophony.response.message.count * 8) where bit != 255 {
            var changed = Cacophony.response.message
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: NoiseError.self) { try waiting.read(changed) }
        }
    }

    @Test("messages that are cut short are not read", arguments: [0, 1, 31, 32, 47])
    func truncated(length: Int) throws {
        let responder = NoiseResponder(key: try key(), prologue: Cacophony.prologue)
        #expect(throws: NoiseError.truncated) { try responder.read(Array(Cacophony.request.message.prefix(length))) }
    }

    @Test("an ephemeral key of small order leads to no secret")
    func smallOrder() throws {
        let (_, waiting) = try begin()
        #expect(throws: NoiseError.invalid) { try waiting.read([UInt8](repeating: 0, count: 64)) }
    }
}
