import Crypto

// Noise_NNpsk0_25519_AESGCM_SHA256 (Noise Protocol Framework, revision 34, 7.5 and 9):
//
//     -> psk, e
//     <- e, ee
//
// Each step gives the next state, so that no message can be written or read twice.

/// A key pair for one handshake. Whoever makes it twice from the same octets gives the keys of both handshakes away; so it
/// can't be copied, and is used up by the handshake.
public struct Ephemeral: ~Copyable, Sendable {
    /// How many octets it is made from.
    public static let length = 32

    private let secret: SymmetricKey

    /// Makes a pair from 32 octets of a cryptographically secure generator that are used for nothing else; `nil` for another
    /// number of octets.
    public init?(octets: [UInt8]) {
        guard octets.count == Self.length else { return nil }
        secret = SymmetricKey(data: octets)
    }

    /// The pair. Made only here, since that takes as long as a Diffie-Hellman function, and most messages need none.
    consuming func privateKey() throws(NoiseError) -> Curve25519.KeyAgreement.PrivateKey {
        let key = secret.withUnsafeBytes { try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0) }
        guard let key else { throw .invalid }
        return key
    }
}

/// The side that begins, before its message.
struct NoiseInitiator {
    private var state: NoiseSymmetricState
    private let ephemeral: Curve25519.KeyAgreement.PrivateKey

    init(key: PreSharedKey, prologue: [UInt8], ephemeral: consuming Ephemeral) throws(NoiseError) {
        state = .beginning(key: key, prologue: prologue)
        self.ephemeral = try ephemeral.privateKey()
    }

    /// Writes the first message.
    consuming func write(_ payload: [UInt8]) throws(NoiseError) -> (message: [UInt8], next: NoiseAwaitingResponse) {
        let publicKey = state.mix(ephemeral.publicKey)
        let message = publicKey + (try state.encryptAndHash(payload))
        return (message, NoiseAwaitingResponse(state: state, ephemeral: ephemeral))
    }
}

/// The side that began, waiting for the other's message.
struct NoiseAwaitingResponse {
    fileprivate let state: NoiseSymmetricState
    fileprivate let ephemeral: Curve25519.KeyAgreement.PrivateKey

    /// Reads the second message; a message that fails changes nothing.
    func read(_ message: [UInt8]) throws(NoiseError) -> (payload: [UInt8], split: NoiseSplit) {
        var state = state
        let (publicKey, rest) = try state.mixEphemeral(of: message)
        state.mixKey(try ephemeral.agree(with: publicKey))
        return (try state.decryptAndHash(rest), state.split())
    }
}

/// The side that answers.
struct NoiseResponder {
    private let state: NoiseSymmetricState

    init(key: PreSharedKey, prologue: [UInt8]) {
        state = .beginning(key: key, prologue: prologue)
    }

    /// Reads the first message. No Diffie-Hellman function is computed: a stranger's message costs a few hashes.
    func read(_ message: [UInt8]) throws(NoiseError) -> (payload: [UInt8], next: NoiseAnswering) {
        var state = state
        let (publicKey, rest) = try state.mixEphemeral(of: message)
        return (try state.decryptAndHash(rest), NoiseAnswering(state: state, initiator: publicKey))
    }
}

/// The side that answers, with the first message read.
struct NoiseAnswering {
    fileprivate var state: NoiseSymmetricState
    fileprivate let initiator: Curve25519.KeyAgreement.PublicKey

    /// Writes the second message.
    consuming func write(
        _ payload: [UInt8], ephemeral: consuming Ephemeral
    ) throws(NoiseError) -> (message: [UInt8], split: NoiseSplit) {
        let privateKey = try ephemeral.privateKey()
        let publicKey = state.mix(privateKey.publicKey)
        state.mixKey(try privateKey.agree(with: initiator))
        let message = publicKey + (try state.encryptAndHash(payload))
        return (message, state.split())
    }
}

extension NoiseSymmetricState {
    /// The state before the first message, with its token `psk` done.
    fileprivate static func beginning(key: PreSharedKey, prologue: [UInt8]) -> NoiseSymmetricState {
        var state = NoiseSymmetricState(protocolName: "Noise_NNpsk0_25519_AESGCM_SHA256")
        state.mixHash(prologue)
        state.mixKeyAndHash(key.secret)
        return state
    }

    /// The token `e`, which in handshakes with pre-shared keys goes into the key, too (9.2). Returns the octets to send.
    fileprivate mutating func mix(_ ephemeral: Curve25519.KeyAgreement.PublicKey) -> [UInt8] {
        let octets = Array(ephemeral.rawRepresentation)
        mixHash(octets)
        mixKey(SymmetricKey(data: octets))
        return octets
    }

    /// The token `e` at the end that reads it, and what stands behind it.
    fileprivate mutating func mixEphemeral(
        of message: [UInt8]
    ) throws(NoiseError) -> (publicKey: Curve25519.KeyAgreement.PublicKey, rest: [UInt8]) {
        guard message.count >= 32 + NoiseCipherState.tagLength,
            let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: message.prefix(32))
        else { throw .truncated }
        _ = mix(key)
        return (key, Array(message.dropFirst(32)))
    }
}

extension Curve25519.KeyAgreement.PrivateKey {
    /// The token `ee`. Fails for keys of small order, whose secret is all zeros and so none (RFC 7748, 6.1).
    fileprivate func agree(
        with other: Curve25519.KeyAgreement.PublicKey
    ) throws(NoiseError) -> SymmetricKey {
        guard let secret = try? sharedSecretFromKeyAgreement(with: other),
            secret.withUnsafeBytes({ octets in octets.reduce(0) { $0 | $1 } != 0 })
        else { throw .invalid }
        return secret.withUnsafeBytes { SymmetricKey(data: $0) }
    }
}
