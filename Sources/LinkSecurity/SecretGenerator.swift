import Crypto

/// All secrets of one life of a device, from 32 octets of a cryptographically secure generator: the same octets give the same
/// secrets, so that what a pure room does with them can be repeated octet for octet.
///
/// Each step makes the next state and the octets to hand out from the state (HKDF-Expand of RFC 5869 with SHA-256), and forgets
/// the state: whoever takes this value away learns nothing of what it handed out before. Whoever knows the first octets knows
/// everything: they are as secret as all keys that come of them.
public struct SecretGenerator: Sendable {
    /// How many octets the generator is made from, and how many it hands out at a time.
    public static let length = 32

    private var state: SymmetricKey

    /// Makes a generator from 32 octets that are used for nothing else; `nil` for another number of octets.
    public init?(octets: [UInt8]) {
        guard octets.count == Self.length else { return nil }
        state = SymmetricKey(data: octets)
    }

    /// The next 32 octets.
    public mutating func next() -> [UInt8] {
        let drawn = HKDF<SHA256>.expand(
            pseudoRandomKey: state, info: Array("relink secret".utf8), outputByteCount: 2 * Self.length)
        return drawn.withUnsafeBytes { octets in
            state = SymmetricKey(data: UnsafeRawBufferPointer(rebasing: octets.prefix(Self.length)))
            return Array(octets.suffix(Self.length))
        }
    }
}
