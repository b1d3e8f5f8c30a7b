extension StatusReport {
    /// How the agent finds peers.
    public struct Discovery: Codable, Equatable, Sendable {
        /// `announce`, or `listen`, which sends no announcements.
        public var mode: String
        /// Announcements that changed nothing, by cause.
        public var refused: RefusedAnnouncements

        /// Makes a report.
        public init(mode: String, refused: RefusedAnnouncements) {
            self.mode = mode
            self.refused = refused
        }
    }

    /// Announcements that changed nothing, by cause.
    public struct RefusedAnnouncements: Codable, Equatable, Sendable {
        /// Of another version of the protocol.
        public var otherVersion = 0
        /// That name another link than the one they came on.
        public var otherLink = 0
        /// That bear an address of this device.
        public var ownAddress = 0
        /// That claim the radio of another peer, or another radio for a link that is in use or configured.
        public var addressTaken = 0
        /// Of devices for which there is no key, or that use none.
        public var noKey = 0
        /// Of devices beyond `most_peers`.
        public var tooManyPeers = 0
        /// That came too fast.
        public var tooFast = 0

        /// Makes counters at zero.
        public init() {}

        /// Causes and numbers, those that are zero left out.
        var text: String {
            let all = [
                ("other version", otherVersion), ("other link", otherLink), ("own address", ownAddress),
                ("address taken", addressTaken), ("no key", noKey), ("too many peers", tooManyPeers),
                ("too fast", tooFast),
            ]
            let told = all.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
            return told.isEmpty ? "none" : told.joined(separator: ", ")
        }
    }

    /// The peers for a person, without a line feed at the end: how each is known, what it supports, when it was last heard.
    public var peersText: String {
        var table = TextTable(["PEER", "DEVICE", "KNOWN", "SUPPORTS", "LINK", "ADDRESS", "HEALTH", "HEARD"])
        for peer in peers {
            let supports = peer.supports.map {
                $0.isEmpty ? "nothing" : $0.map(EventReport.words).joined(separator: ", ")
            }
            let known = [peer.origin, peer.dormant == true ? "dormant" : nil].compactMap(\.self).joined(separator: ", ")
            let first = [peer.name ?? "-", peer.device, known, supports ?? "-"]
            if peer.links.isEmpty { table.append(first + ["-", "-", "-", "-"]) }
            for link in peer.links {
                let heard = link.lastSeenSeconds.map { "\(Self.span($0)) ago" } ?? "never"
                table.append(first + ["\(link.id)", link.address, link.health, heard])
            }
        }
        var parts = [peers.isEmpty ? "no peers" : table.text]
        if let discovery {
            parts.append("discovery: \(discovery.mode); announcements refused: \(discovery.refused.text)")
        }
        return parts.joined(separator: "\n\n")
    }
}
