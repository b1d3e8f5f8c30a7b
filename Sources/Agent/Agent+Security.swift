import Glibc
import LinkSecurity
import Logging
import SessionCore

/// Where secrets come from, and what users get to see of keys.
extension Agent {
    /// Octets of the system's generator.
    public static func randomOctets(_ count: Int) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return Randomness.octets(count, from: &random)
    }

    /// Warns of an agent whose secrets others can compute.
    func warnOfPredictableRandomness() {
        if isPredictable {
            log.warning(
                """
                --lab-seed: all randomness of this agent is predictable, so that nothing protects its sessions; only the lab \
                may use it
                """)
        } else if configuration.engine.keys.entries.contains(where: { $0.key == .lab }) {
            log.warning(
                """
                the key is the lab's own, which is published: it protects nothing; "relink key generate FILE" makes one that does
                """)
        }
    }

    /// Warns of an agent that protects nothing.
    func warnOfOpenMode() {
        guard configuration.security == .open else { return }
        log.warning(
            """
            security is open: whoever is in range can read, end and feed the sessions; "relink key generate FILE" makes a \
            key, and key_file = "FILE" on all devices uses it
            """)
    }
}
