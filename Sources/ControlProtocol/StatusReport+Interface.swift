extension StatusReport {
    /// The interface for the host's traffic.
    public struct Interface: Codable, Equatable, Sendable {
        /// Its name.
        public var name: String
        /// The largest IP packet, in octets.
        public var mtu: Int
        /// Its IP addresses with prefix lengths, as configured.
        public var addresses: [String]
        /// Whether a peer can be reached through it.
        public var carrier: Bool
        /// Why it is there no more, in words.
        public var problem: String?
        /// What happened to Ethernet frames.
        public var counters = Counters()

        /// Makes an interface with counters at zero.
        public init(name: String, mtu: Int, addresses: [String], carrier: Bool) {
            self.name = name
            self.mtu = mtu
            self.addresses = addresses
            self.carrier = carrier
        }

        /// What happened to Ethernet frames between the host and the peers.
        public struct Counters: Codable, Equatable, Sendable {
            /// Frames that the host sent.
            public var fromHost: UInt64 = 0
            /// Frames handed to the host.
            public var toHost: UInt64 = 0
            /// From the host, dropped: too short, or too long to be carried.
            public var malformed: UInt64 = 0
            /// From the host, dropped: sent under an address other than this device's.
            public var foreignSource: UInt64 = 0
            /// From the host, dropped: for an address that no peer has.
            public var noSuchPeer: UInt64 = 0
            /// From the host, dropped: the session's queue was full, or the peer's sessions were used up.
            public var queueFull: UInt64 = 0
            /// From the host, dropped: waited for too long in a session that lives (the queue discipline CoDel).
            public var waitedTooLong: UInt64 = 0
            /// From a peer, dropped: not an Ethernet frame.
            public var malformedFromPeer: UInt64 = 0
            /// From a peer, dropped: sent under an address other than the peer's.
            public var spoofed: UInt64 = 0
            /// From a peer, dropped: for an address other than this device's.
            public var misdirected: UInt64 = 0
            /// For the host, dropped: the interface had no room just then, or was down.
            public var hostBusy: UInt64 = 0

            /// Makes counters at zero.
            public init() {}

            /// All that was dropped, whatever the cause.
            public var dropped: UInt64 {
                malformed + foreignSource + noSuchPeer + queueFull + waitedTooLong + malformedFromPeer + spoofed
                    + misdirected + hostBusy
            }
        }

        /// One row for a person; the causes of drops are named where there were any.
        var table: TextTable {
            let state = problem == nil ? (carrier ? "carrier" : "no carrier") : "gone"
            let causes: [(String, UInt64)] = [
                ("malformed", counters.malformed), ("foreign source", counters.foreignSource),
                ("no such peer", counters.noSuchPeer), ("queue full", counters.queueFull),
                ("waited too long", counters.waitedTooLong), ("malformed from peer", counters.malformedFromPeer),
                ("spoofed", counters.spoofed),
                ("misdirected", counters.misdirected), ("host busy", counters.hostBusy),
            ]
            let named = causes.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
            var table = TextTable(["INTERFACE", "STATE", "MTU", "ADDRESSES", "FROM HOST", "TO HOST", "DROPPED"])
            table.append([
                name, state, "\(mtu)", addresses.isEmpty ? "-" : addresses.joined(separator: ", "),
                "\(counters.fromHost)", "\(counters.toHost)", named.isEmpty ? "0" : named.joined(separator: ", "),
            ])
            return table
        }
    }
}
