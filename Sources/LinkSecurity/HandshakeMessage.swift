import Crypto
import IEEE80211

/// The three messages of a handshake, as octets of a frame that somebody else defines.
enum HandshakeMessage: Equatable {
    case request([UInt8])
    case response([UInt8])
    /// The proof is `CookieReply.proof`.
    case cookie([UInt8], proof: [UInt8])

    /// No message is longer, so that a stranger can't make this device hash for long.
    static let greatestLength = 512

    init(parsing octets: [UInt8]) throws(HandshakeError) {
        guard octets.count <= Self.greatestLength, let kind = HandshakeKind(of: octets) else { throw .malformed }
        let content = Array(octets.dropFirst())
        switch kind {
        case .request: self = .request(content)
        case .response: self = .response(content)
        case .cookie:
            guard content.count == 2 * cookieLength else { throw .malformed }
            self = .cookie(Array(content.prefix(cookieLength)), proof: Array(content.suffix(cookieLength)))
        }
    }

    var octets: [UInt8] {
        switch self {
        case .request(let content): [HandshakeKind.request.rawValue] + content
        case .response(let content): [HandshakeKind.response.rawValue] + content
        case .cookie(let cookie, let proof): [HandshakeKind.cookie.rawValue] + cookie + proof
        }
    }
}

/// What a handshake is about, known to both ends beforehand.
struct HandshakeContext {
    /// Counts up whenever messages, keys or frames change their meaning.
    static let version: UInt8 = 1

    var initiator: MACAddress
    var responder: MACAddress
    var cipher: DataCipher

    /// The prologue of Noise: ends that do not agree on all of this do not understand each other.
    var prologue: [UInt8] {
        var octets = Array("relink handshake".utf8) + [Self.version, cipher.rawValue]
        octets.append(initiator)
        octets.append(responder)
        return octets
    }

    /// Shows the initiator that a cookie comes from somebody with the key, as an answer to this very request.
    func proof(of cookie: [UInt8], answering request: [UInt8], key: PreSharedKey) -> [UInt8] {
        let proofKey = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key.secret, info: Array("relink cookie proof".utf8), outputByteCount: 32)
        let claim = prologue + Array(SHA256.hash(data: request)) + cookie
        return Array(HMAC<SHA256>.authenticationCode(for: claim, using: proofKey).prefix(cookieLength))
    }
}

/// Why a handshake message was not used, or not made. None of them changes anything.
public enum HandshakeError: Error, Equatable, Sendable {
    /// Not a message of a handshake, or longer than any.
    case malformed
    /// Another key, another version, other addresses, another cipher, or a changed message.
    case notAuthentic
    /// A response or a cookie, but no request waits for it.
    case unexpected
    /// The current keys are so new that the peer has not been heard under them.
    case notHeardYet
    /// The capabilities have more than `PeerSecurity.greatestCapabilitiesLength` octets.
    case capabilitiesTooLong
    /// The library refused, for lack of memory for instance.
    case failed
}

extension HandshakeError {
    init(_ error: NoiseError) {
        self =
            switch error {
            case .truncated: .malformed
            case .notAuthentic: .notAuthentic
            case .invalid: .failed
            }
    }
}
