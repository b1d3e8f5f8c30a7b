import IEEE80211
import LinkSecurity
import SessionCore

/// All randomness of one life of an agent: what is drawn anywhere comes from here.
public struct Randomness {
    /// The seed of the core's numbers: session identifiers, dialog tokens, jitter.
    let seed: UInt64
    /// The source of all secrets: ephemeral keys of handshakes, cookies.
    let secretOctets: [UInt8]
    /// The generator of the radio trials: addresses that nobody has.
    var trials: SeededRandom
    /// True if it comes from a seed that others may have.
    let isPredictable: Bool

    /// Randomness of the system's generator.
    public static func system() -> Randomness {
        // On Linux it is `getrandom`, which waits until the kernel has gathered enough.
        var random = SystemRandomNumberGenerator()
        return Randomness(seed: random.next(), from: &random, isPredictable: false)
    }

    /// Randomness of a seed, for the lab: an agent with the same seed and the same MLD address draws the same.
    ///
    /// - Throws: `LabSeedError` when the configuration has a key that protects somebody.
    public init(labSeed: UInt64, configuration: AgentConfiguration) throws(LabSeedError) {
        for entry in configuration.engine.keys.entries where entry.key != .lab {
            throw LabSeedError(peer: entry.peer, fingerprint: entry.key.fingerprint)
        }
        var mixed = SeededRandom(seed: labSeed)
        // Agents of one run have the same seed, and must not draw the same.
        var random = SeededRandom(seed: mixed.next() ^ configuration.engine.mldAddress.rawValue)
        self.init(seed: random.next(), from: &random, isPredictable: true)
    }

    /// A core's seed as it is, and the rest from a generator.
    init(seed: UInt64, from random: inout some RandomNumberGenerator, isPredictable: Bool) {
        self.seed = seed
        secretOctets = Self.octets(SecretGenerator.length, from: &random)
        trials = SeededRandom(seed: random.next())
        self.isPredictable = isPredictable
    }

    /// Octets of a generator.
    static func octets(_ count: Int, from random: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
}
