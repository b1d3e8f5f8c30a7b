import Glibc
import LinkSecurity
import Logging
import SessionCore

/// Where secrets come from, and what users get to see of keys.
extension Agent {
    /// Octets of the system's generator.
    public static func randomOctets(_ count: Int) -> [UInt8] {
        // On Linux it is `getrandom`, which waits until the kernel has gathered enough.
        var random = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
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
