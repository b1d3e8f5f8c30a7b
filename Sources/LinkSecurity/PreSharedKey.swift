import Crypto
import IEEE80211

/// A secret of 32 octets that two peers, or all devices of a group, share. It never shows itself: as text it is its
/// fingerprint.
public struct PreSharedKey: Equatable, Sendable {
    /// How many octets a key has.
    public static let length = 32

    let secret: SymmetricKey

    /// Makes a key; `nil` unless there are 32 octets that are not all the same (a buffer that nobody filled is no key).
    public init?(octets: [UInt8]) {
        guard octets.count == Self.length, octets.contains(where: { $0 != octets[0] }) else { return nil }
        secret = SymmetricKey(data: octets)
    }

    private init(published text: StaticString) {
        secret = text.withUTF8Buffer { SymmetricKey(data: $0) }
    }

    /// The lab's own key: 32 characters that are published here, so it protects nothing. It is the only key that an agent takes
    /// whose randomness comes of a seed.
    public static let lab = PreSharedKey(published: "relink lab key, known to anybody")

    /// What people compare to see that two devices have the same key: 64 bits of a hash of it, as four groups of four
    /// hexadecimal digits. It tells nothing about the key, which is drawn from 256 bits.
    public var fingerprint: String {
        var hash = SHA256()
        hash.update(data: Array("relink key fingerprint".utf8))
        secret.withUnsafeBytes { hash.update(bufferPointer: $0) }
        let digits = hash.finalize().prefix(8).map { octet in
            (octet < 16 ? "0" : "") + String(octet, radix: 16)
        }
        return stride(from: 0, to: 8, by: 2).map { digits[$0] + digits[$0 + 1] }.joined(separator: ":")
    }

    /// The octets, to write them into a key file.
    var octets: [UInt8] { secret.withUnsafeBytes { Array($0) } }
}

extension PreSharedKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The fingerprint.
    public var description: String { "key " + fingerprint }
    /// The fingerprint.
    public var debugDescription: String { description }
    /// Nothing of the key.
    public var customMirror: Mirror { Mirror(self, children: ["fingerprint": fingerprint]) }
}
