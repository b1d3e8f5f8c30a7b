import CCrypto
import Crypto

/// A key that protects what this device sends, and the number of the last packet under it. The number lives with the key, in
/// a reference: whatever is copied, no packet number is used twice with this key.
final class SendingKey {
    /// The greatest packet number: 48 bits (IEEE Std 802.11-2020, 12.5.5.2).
    static let greatestNumber: UInt64 = 1 << 48 - 1

    private let handle: OpaquePointer
    private(set) var lastNumber: UInt64

    /// - Parameter lastNumber: other than 0 in tests only.
    init(_ key: SymmetricKey, lastNumber: UInt64 = 0) throws(ProtectionError) {
        handle = try makeHandle(key, seals: true)
        self.lastNumber = lastNumber
    }

    deinit { rl_gcm_destroy(handle) }

    /// The number for the next packet.
    func nextNumber() throws(ProtectionError) -> UInt64 {
        guard lastNumber < Self.greatestNumber else { throw .exhausted }
        lastNumber += 1
        return lastNumber
    }

    /// Encrypts the text in place and writes the tag over `first`, `second` and the text. The nonce must hold a number of
    /// `nextNumber` that was used for nothing else.
    func seal(
        nonce: UnsafeRawBufferPointer, first: UnsafeRawBufferPointer, second: UnsafeRawBufferPointer,
        text: UnsafeMutableRawBufferPointer, tag: UnsafeMutableRawBufferPointer
    ) throws(ProtectionError) {
        let result = rl_gcm_seal(
            handle, nonce.baseAddress, first.baseAddress, first.count, second.baseAddress, second.count,
            text.baseAddress, text.count, tag.baseAddress)
        guard result == 0 else { throw .failed(errno: -result) }
    }
}

/// A key that protects what the peer sends.
final class ReceivingKey {
    private let handle: OpaquePointer

    init(_ key: SymmetricKey) throws(ProtectionError) {
        handle = try makeHandle(key, seals: false)
    }

    deinit { rl_gcm_destroy(handle) }

    /// Decrypts the text in place if the tag matches; else the text becomes zeros.
    func open(
        nonce: UnsafeRawBufferPointer, first: UnsafeRawBufferPointer, second: UnsafeRawBufferPointer,
        text: UnsafeMutableRawBufferPointer, tag: UnsafeRawBufferPointer
    ) throws(ProtectionError) {
        let result = rl_gcm_open(
            handle, nonce.baseAddress, first.baseAddress, first.count, second.baseAddress, second.count,
            text.baseAddress, text.count, tag.baseAddress)
        guard result == 0 else { throw .notAuthentic }
    }
}

private func makeHandle(_ key: SymmetricKey, seals: Bool) throws(ProtectionError) -> OpaquePointer {
    var handle: OpaquePointer?
    let result = key.withUnsafeBytes { rl_gcm_create($0.baseAddress, $0.count, seals ? 1 : 0, &handle) }
    guard result == 0, let handle else { throw .failed(errno: -result) }
    return handle
}

/// Why a frame can't be protected, or what is wrong with a protected one.
public enum ProtectionError: Error, Equatable, Sendable {
    /// No handshake has led to keys yet.
    case noKeys
    /// Not the kind of frame that the operation is for, or too short for it.
    case unsuitableFrame
    /// A key that this device does not have: of the peer's life before its restart, or of this device's.
    case unknownKey
    /// The tag does not match: forged, damaged, or meant for others.
    case notAuthentic
    /// Received before.
    case repeated
    /// Older than the replay window reaches.
    case tooOld
    /// All packet numbers of the key are used; only a handshake helps.
    case exhausted
    /// The library refused, for lack of memory for instance.
    case failed(errno: Int32)
}
