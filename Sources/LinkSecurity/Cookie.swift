import Crypto
import IEEE80211

/// What a responder makes its cookies with. The agent draws a new secret now and then and keeps the one before, so that cookies
/// on their way stay good.
public struct CookieSecrets: Sendable {
    /// How many octets a secret has.
    public static let length = 32

    private let current: SymmetricKey
    private let previous: SymmetricKey?

    /// Takes secrets of 32 octets from a cryptographically secure generator; `nil` for other lengths.
    public init?(current: [UInt8], previous: [UInt8]? = nil) {
        guard current.count == Self.length, (previous ?? current).count == Self.length else { return nil }
        self.current = SymmetricKey(data: current)
        self.previous = previous.map { SymmetricKey(data: $0) }
    }

    /// The cookie to hand out.
    func cookie(for claim: CookieClaim) -> [UInt8] { Self.cookie(current, claim) }

    /// Whether a cookie was made from these secrets for this claim.
    func accepts(_ cookie: [UInt8], for claim: CookieClaim) -> Bool {
        if areEqual(cookie, Self.cookie(current, claim)) { return true }
        guard let previous else { return false }
        return areEqual(cookie, Self.cookie(previous, claim))
    }

    private static func cookie(_ secret: SymmetricKey, _ claim: CookieClaim) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: claim.octets, using: secret).prefix(cookieLength))
    }
}

/// What a cookie vouches for: that this peer asked this device since it last accepted a request of that peer.
struct CookieClaim {
    var responder: MACAddress
    var initiator: MACAddress
    /// How many requests of the peer this device has accepted: each makes all cookies before it void.
    var accepted: UInt64

    var octets: [UInt8] {
        var octets = Array("relink cookie".utf8)
        octets.append(responder)
        octets.append(initiator)
        for index in 0..<8 { octets.append(UInt8(truncatingIfNeeded: accepted >> UInt64(8 * index))) }
        return octets
    }
}

/// How many octets a cookie has.
let cookieLength = 16

/// Compares in a time that does not depend on the octets.
func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
