/// What tells a payload that is damaged, where nothing cryptographic does: the lower half of XXH64 with seed 0 (Collet, XXH64
/// specification 0.1.1). A CRC would do as well, octet by octet, and take six times as long.
enum PayloadCheck {
    /// Octets of the field.
    static let length = 4

    private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
        0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63,
        0x27d4_eb2f_1656_67c5
    )

    /// The check of some octets.
    static func value(of octets: UnsafeRawBufferPointer) -> UInt32 { UInt32(truncatingIfNeeded: hash(octets)) }

    private static func hash(_ octets: UnsafeRawBufferPointer) -> UInt64 {
        var index = octets.count & ~31
        var hash = index == 0 ? primes.4 : stripes(octets, index)
        hash &+= UInt64(octets.count)
        while index + 8 <= octets.count {
            hash = (hash ^ round(0, word(octets, index))).rotated(by: 27) &* primes.0 &+ primes.3
            index += 8
        }
        if index + 4 <= octets.count {
            let half = UInt32(littleEndian: octets.loadUnaligned(fromByteOffset: index, as: UInt32.self))
            hash = (hash ^ UInt64(half) &* primes.0).rotated(by: 23) &* primes.1 &+ primes.2
            index += 4
        }
        while index < octets.count {
            hash = (hash ^ UInt64(octets[index]) &* primes.4).rotated(by: 11) &* primes.0
            index += 1
        }
        hash = (hash ^ hash >> 33) &* primes.1
        hash = (hash ^ hash >> 29) &* primes.2
        return hash ^ hash >> 32
    }

    /// What all whole stripes of 32 octets make, in four lanes: the first `end` octets.
    private static func stripes(_ octets: UnsafeRawBufferPointer, _ end: Int) -> UInt64 {
        var lanes = (primes.0 &+ primes.1, primes.1, UInt64(0), 0 &- primes.0)
        var index = 0
        while index < end {
            lanes.0 = round(lanes.0, word(octets, index))
            lanes.1 = round(lanes.1, word(octets, index &+ 8))
            lanes.2 = round(lanes.2, word(octets, index &+ 16))
            lanes.3 = round(lanes.3, word(octets, index &+ 24))
            index &+= 32
        }
        var hash =
            lanes.0.rotated(by: 1) &+ lanes.1.rotated(by: 7) &+ lanes.2.rotated(by: 12) &+ lanes.3.rotated(by: 18)
        hash = merge(hash, lanes.0)
        hash = merge(hash, lanes.1)
        hash = merge(hash, lanes.2)
        return merge(hash, lanes.3)
    }

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        (lane &+ word &* primes.1).rotated(by: 31) &* primes.0
    }

    private static func merge(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
        (hash ^ round(0, lane)) &* primes.0 &+ primes.3
    }

    private static func word(_ octets: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        UInt64(littleEndian: octets.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }
}

extension UInt64 {
    fileprivate func rotated(by bits: UInt64) -> UInt64 { self &<< bits | self &>> (64 &- bits) }
}
