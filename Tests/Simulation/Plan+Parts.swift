import LinkSecurity
import SessionCore
import TestSupport

// A plan in the types of the core.
extension Plan {
    func link(_ number: Int) -> LinkIdentifier { TestSupport.link(number) }

    func configuration(of station: Int) -> EngineConfiguration {
        let own = stations[station]
        let peers = own.peers.map { peer in
            PeerConfiguration(
                mldAddress: Pair.mldAddress(peer),
                links: Dictionary(uniqueKeysWithValues: (1...links).map { (link($0), Pair.address(peer, link($0))) }),
                sessions: own.tids.compactMap(TrafficIdentifier.init),
                key: isSecured ? Pair.key(UInt8(min(station, peer) * 16 + max(station, peer))) : nil)
        }
        var configuration = EngineConfiguration(mldAddress: Pair.mldAddress(station), peers: peers)
        configuration.session.sharing = SharingPolicy(rawValue: own.sharing) ?? .manual
        configuration.session.mirroredTIDs = Set(own.mirrored.compactMap(TrafficIdentifier.init))
        configuration.session.bufferSize = own.bufferSize
        configuration.session.supportsRebuild = own.supportsRebuild
        configuration.session.supportsSharing = own.supportsSharing
        configuration.session.payloadLifetime = .milliseconds(own.lifetimeMilliseconds)
        configuration.limits.queuedPayloads = own.queuedPayloads
        configuration.limits.interruptedSessions = own.interruptedSessions
        configuration.limits.sessionsPerPeer = own.sessionsPerPeer
        configuration.limits.retention = .milliseconds(own.retentionMilliseconds)
        configuration.security.rekeyAfter = .milliseconds(own.rekeyMilliseconds)
        return configuration
    }

    /// The seed of an engine. Its first draw is the number of its first transmission.
    func engineSeed(of station: Int, life: Int) -> UInt64 {
        // Drawn, because the numbers of SplitMix64 with seeds that differ by its own step are the same ones.
        var luck = SeededRandom(seed: seed &* 0x2545_f491_4f6c_dd1d &+ UInt64(station * 1000 + life))
        let seed = luck.next()
        guard life == 0, let distance = stations[station].transmissionsBeforeWrap else { return seed }
        return SeededRandom.seed(whoseFirstIs: seed << 32 | UInt64(UInt32.max - distance))
    }

    func secrets(of station: Int, life: Int) -> SecretGenerator? {
        isSecured ? Pair.secrets(seed &* 31 &+ UInt64(station * 1000 + life)) : nil
    }
}

extension SeededRandom {
    /// The seed of a generator whose first number is this one: the steps of SplitMix64 backwards.
    static func seed(whoseFirstIs number: UInt64) -> UInt64 {
        var bits = undone(number, shift: 31)
        bits = undone(bits &* inverse(0x94d0_49bb_1331_11eb), shift: 27)
        bits = undone(bits &* inverse(0xbf58_476d_1ce4_e5b9), shift: 30)
        return bits &- 0x9e37_79b9_7f4a_7c15
    }

    /// The number that gives this one when it is combined with itself, shifted to the right.
    private static func undone(_ number: UInt64, shift: UInt64) -> UInt64 {
        var result = number
        var passed = shift
        while passed < 64 {
            result = number ^ result >> shift
            passed += shift
        }
        return result
    }

    /// The inverse of an odd number modulo 2^64 (Newton).
    private static func inverse(_ number: UInt64) -> UInt64 {
        var inverse = number
        for _ in 0..<6 { inverse = inverse &* (2 &- number &* inverse) }
        return inverse
    }
}
