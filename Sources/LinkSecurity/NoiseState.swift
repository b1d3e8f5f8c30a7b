import Crypto

/// What can go wrong in a Noise handshake.
enum NoiseError: Error, Equatable {
    /// A message shorter than its fixed parts.
    case truncated
    /// A tag that does not match: another key, another prologue, or a changed message.
    case notAuthentic
    /// An ephemeral key that leads to no secret, or a failure of the library.
    case invalid
}

/// CipherState of the Noise Protocol Framework (revision 34, 5.1) with the AESGCM functions (12.4): a key and the number of
/// the next message under it.
struct NoiseCipherState {
    private var key: SymmetricKey?
    private var nonce: UInt64 = 0

    init(key: SymmetricKey? = nil) { self.key = key }

    /// EncryptWithAd: ciphertext and tag; the plaintext itself as long as there is no key.
    mutating func encrypt(_ plaintext: [UInt8], authenticating data: [UInt8]) throws(NoiseError) -> [UInt8] {
        guard let key else { return plaintext }
        do {
            let box = try AES.GCM.seal(plaintext, using: key, nonce: nextNonce(), authenticating: data)
            return Array(box.ciphertext) + Array(box.tag)
        } catch {
            throw .invalid
        }
    }

    /// DecryptWithAd, the reverse.
    mutating func decrypt(_ ciphertext: [UInt8], authenticating data: [UInt8]) throws(NoiseError) -> [UInt8] {
        guard let key else { return ciphertext }
        let length = ciphertext.count - Self.tagLength
        guard length >= 0 else { throw .truncated }
        do {
            let box = try AES.GCM.SealedBox(
                nonce: nextNonce(), ciphertext: ciphertext.prefix(length), tag: ciphertext.suffix(Self.tagLength))
            return Array(try AES.GCM.open(box, using: key, authenticating: data))
        } catch {
            throw .notAuthentic
        }
    }

    /// 32 bits of zeros and the number, most significant octet first (12.4).
    private mutating func nextNonce() throws -> AES.GCM.Nonce {
        defer { nonce += 1 }
        return try AES.GCM.Nonce(
            data: [0, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: nonce >> UInt64(56 - 8 * $0)) })
    }

    static let tagLength = 16
}

/// SymmetricState (5.2) with SHA256: chaining key, handshake hash, and the cipher for payloads.
struct NoiseSymmetricState {
    private var chainingKey: SymmetricKey
    private(set) var hash: [UInt8]
    private var cipher = NoiseCipherState()

    /// InitializeSymmetric. The name must have 32 octets, so that it is the first hash itself.
    init(protocolName: StaticString) {
        hash = Array(protocolName.description.utf8)
        chainingKey = SymmetricKey(data: hash)
    }

    mutating func mixHash(_ data: [UInt8]) {
        hash = Array(SHA256.hash(data: hash + data))
    }

    mutating func mixKey(_ material: SymmetricKey) {
        let outputs = derive(from: material, count: 2)
        chainingKey = outputs[0]
        cipher = NoiseCipherState(key: outputs[1])
    }

    mutating func mixKeyAndHash(_ material: SymmetricKey) {
        let outputs = derive(from: material, count: 3)
        chainingKey = outputs[0]
        mixHash(outputs[1].withUnsafeBytes { Array($0) })
        cipher = NoiseCipherState(key: outputs[2])
    }

    mutating func encryptAndHash(_ plaintext: [UInt8]) throws(NoiseError) -> [UInt8] {
        let ciphertext = try cipher.encrypt(plaintext, authenticating: hash)
        mixHash(ciphertext)
        return ciphertext
    }

    mutating func decryptAndHash(_ ciphertext: [UInt8]) throws(NoiseError) -> [UInt8] {
        let plaintext = try cipher.decrypt(ciphertext, authenticating: hash)
        mixHash(ciphertext)
        return plaintext
    }

    /// Split: the keys of both directions, and the hash of all that was said.
    func split() -> NoiseSplit {
        let outputs = derive(from: SymmetricKey(data: [UInt8]()), count: 2)
        return NoiseSplit(
            initiatorToResponder: outputs[0], responderToInitiator: outputs[1], handshakeHash: hash)
    }

    /// HKDF of Noise (4.3), which is HKDF of RFC 5869 with the chaining key as salt and without info.
    private func derive(from material: SymmetricKey, count: Int) -> [SymmetricKey] {
        let salt = chainingKey.withUnsafeBytes { Array($0) }
        let output = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: material, salt: salt, info: [UInt8](), outputByteCount: 32 * count)
        return output.withUnsafeBytes { octets in
            (0..<count).map { SymmetricKey(data: octets[(32 * $0)..<(32 * $0 + 32)]) }
        }
    }
}

/// What a handshake leaves.
struct NoiseSplit {
    /// Protects what the initiator sends.
    var initiatorToResponder: SymmetricKey
    /// Protects what the responder sends.
    var responderToInitiator: SymmetricKey
    /// Stands for all that was said, the prologue included; the same at both ends, and nowhere else.
    var handshakeHash: [UInt8]
}
