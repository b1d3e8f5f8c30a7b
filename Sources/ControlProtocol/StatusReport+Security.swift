extension StatusReport {
    /// What protects the frames between this device and a peer.
    public struct PeerSecurity: Codable, Equatable, Sendable {
        /// The fingerprint of the pre-shared key, the same on both devices.
        public var fingerprint: String
        /// How old the current keys are, in seconds; left out as long as there are none, and nothing can be sent.
        public var keyAgeSeconds: Double?
        /// How often there were new keys.
        public var handshakes: Int
        /// The number of the last data frame under the current keys.
        public var dataPackets: UInt64
        /// The number of the last action frame under the current keys.
        public var actionPackets: UInt64
        /// Frames that changed nothing, by cause.
        public var refused: Refused

        /// Makes a report.
        public init(
            fingerprint: String, keyAgeSeconds: Double?, handshakes: Int, dataPackets: UInt64, actionPackets: UInt64,
            refused: Refused
        ) {
            self.fingerprint = fingerprint
            self.keyAgeSeconds = keyAgeSeconds
            self.handshakes = handshakes
            self.dataPackets = dataPackets
            self.actionPackets = actionPackets
            self.refused = refused
        }
    }

    /// Frames from a peer's radio that its key does not vouch for, by cause.
    public struct Refused: Codable, Equatable, Sendable {
        /// Not protected.
        public var unprotected = 0
        /// Forged, damaged, or made with another key.
        public var notAuthentic = 0
        /// Received before.
        public var replayed = 0
        /// Under keys that this device does not have.
        public var unknownKey = 0
        /// Data frames that were sent on another link.
        public var wrongLink = 0
        /// Handshake requests that had to come again with a cookie.
        public var withoutCookie = 0
        /// Handshake messages that nobody waits for.
        public var lateHandshakes = 0
        /// Handshake messages beyond the number that is looked at.
        public var tooManyHandshakes = 0

        /// Makes counters at zero.
        public init() {}

        /// Causes and numbers, those that are zero left out.
        var text: String {
            let all = [
                ("not protected", unprotected), ("not authentic", notAuthentic), ("replayed", replayed),
                ("unknown key", unknownKey), ("other link", wrongLink), ("without cookie", withoutCookie),
                ("late handshakes", lateHandshakes), ("too many handshakes", tooManyHandshakes),
            ]
            let told = all.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
            return told.isEmpty ? "none" : told.joined(separator: ", ")
        }
    }

    /// How the peers are protected, for a person; `nil` for agents that do not tell.
    var securityText: String? {
        guard security != "open" else {
            return "security is open: whoever is in range can read, end and feed the sessions"
        }
        var table = TextTable(["PEER", "KEYS", "FINGERPRINT", "MADE", "DATA", "ACTION", "REFUSED"])
        for peer in peers {
            guard let security = peer.security else { continue }
            let age = security.keyAgeSeconds.map { "for \(Self.span($0))" } ?? "none yet"
            table.append([
                peer.name ?? peer.device, age, security.fingerprint, "\(security.handshakes)",
                "\(security.dataPackets)",
                "\(security.actionPackets)", security.refused.text,
            ])
        }
        return security == nil ? nil : table.text
    }
}
