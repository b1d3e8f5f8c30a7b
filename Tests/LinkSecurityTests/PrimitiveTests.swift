import Crypto
import IEEE80211
import SessionCore
import TestSupport
import Testing

@testable import LinkSecurity

@Suite("The primitives do what is published of them")
struct PrimitiveTests {
    @Test("HKDF with SHA-256: RFC 5869, A.1")
    func keyDerivation() throws {
        let output = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: [UInt8](repeating: 0x0b, count: 22)),
            salt: octets("000102030405060708090a0b0c"), info: octets("f0f1f2f3f4f5f6f7f8f9"), outputByteCount: 42)
        #expect(
            output
                == SymmetricKey(
                    data: octets(
                        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")))
    }

    @Test(
        "AES-GCM in place: test cases 4 and 16 of McGrew and Viega, The Galois/Counter Mode of Operation",
        arguments: [
            (
                "feffe9928665731c6d6a8f9467308308",
                "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac97"
                    + "3d58e091",
                "5bc94fbc3221a5db94fae95ae7121a47"
            ),
            (
                "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
                    + "bcc9f662",
                "76fc6ece0f4e1768cddf8853bb2d551b"
            ),
        ])
    func authenticatedEncryption(key: String, ciphertext: String, tag: String) throws {
        let plaintext = octets(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
                + "ba637b39")
        let additional = octets("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let nonce = octets("cafebabefacedbaddecaf888")
        var frame = plaintext + [UInt8](repeating: 0, count: 16)
        try seal(&frame, key: octets(key), nonce: nonce, first: additional, second: [])
        #expect(Array(frame.prefix(plaintext.count)) == octets(ciphertext))
        #expect(Array(frame.suffix(16)) == octets(tag))
        // In two parts it is the same.
        var other = plaintext + [UInt8](repeating: 0, count: 16)
        try seal(
            &other, key: octets(key), nonce: nonce, first: Array(additional.prefix(7)),
            second: Array(additional.dropFirst(7)))
        #expect(other == frame)
    }

    @Test("AES-GCM in place agrees with swift-crypto's, for all lengths of text")
    func bothLibraries() throws {
        let seed = Environment.seed ?? Environment.fresh
        var random = SeededRandom(seed: seed)
        func draw(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
        for length in [0, 1, 15, 16, 17, 31, 32, 100, 1400, 2304] {
            for keyLength in [16, 32] {
                let (key, nonce, text) = (draw(keyLength), draw(12), draw(length))
                let (first, second) = (draw(24), draw(length / 3))
                let box = try AES.GCM.seal(
                    text, using: SymmetricKey(data: key), nonce: AES.GCM.Nonce(data: nonce),
                    authenticating: first + second)
                var frame = text + [UInt8](repeating: 0, count: 16)
                try seal(&frame, key: key, nonce: nonce, first: first, second: second)
                #expect(frame == Array(box.ciphertext) + Array(box.tag), "RELINK_SEED=\(seed)")
            }
        }
    }

    @Test("GCMP: the vector of IEEE P802.11ad/D9.0, M.11.1, #2 (in hostap's wlantest/test_vectors.c)")
    func gcmp() throws {
        let plain = octets(
            "88480b000fd2e128a57c5030f18444085030f184440880330300" + "0000000000000000"
                + "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
                + "00000000000000000000000000000000")
        let header = ProtectionHeader(packetNumber: 0x0089_5f5f_2b08, keyIdentifier: 0)
        let key = try SendingKey(SymmetricKey(data: octets("c97c1f67ce371185514a8a19f2bdd52f")))
        var frame = plain
        var scratch = [UInt8](repeating: 0, count: 36)
        try frame.withUnsafeMutableBytes { octets in
            header.write(to: octets[26..<34])
            try scratch.withUnsafeMutableBytes { scratch in
                let parts = DataParts(
                    header, from: MACAddress(rawValue: 0x5030_f184_4408), to: MACAddress(rawValue: 0x0fd2_e128_a57c),
                    frame: octets, scratch: scratch)
                try key.seal(
                    nonce: parts.nonce, first: parts.additional, second: nothing, text: parts.text, tag: parts.tag)
            }
        }
        #expect(Array(frame[26..<34]) == octets("082b00205f5f8900"))
        #expect(
            Array(frame[34...])
                == octets(
                    "60e9700cc4d40ac6d288b201c38f5bf08b807442640a1596e5dbdad41d1f3623f45d7a12db7afb23"
                        + "def619c2a374b6df66ffa53b6c69d79e"))
    }

    /// Seals text with room for the tag behind it.
    private func seal(
        _ frame: inout [UInt8], key: [UInt8], nonce: [UInt8], first: [UInt8], second: [UInt8]
    ) throws {
        let sending = try SendingKey(SymmetricKey(data: key))
        try frame.withUnsafeMutableBytes { octets in
            try nonce.withUnsafeBytes { nonce in
                try first.withUnsafeBytes { first in
                    try second.withUnsafeBytes { second in
                        try sending.seal(
                            nonce: nonce, first: first, second: second,
                            text: UnsafeMutableRawBufferPointer(rebasing: octets.dropLast(16)),
                            tag: UnsafeMutableRawBufferPointer(rebasing: octets.suffix(16)))
                    }
                }
            }
        }
    }
}
