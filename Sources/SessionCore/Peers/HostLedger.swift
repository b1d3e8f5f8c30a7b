/// Which peers have more from the host than they take, with running counts: one place decides whether the host waits (`QUE-1`).
struct HostLedger {
    /// By the peer's place in the engine.
    private var accounts: [Account] = []
    private var full = 0

    /// The host's payloads that the sessions with one peer hold.
    struct Account: Equatable {
        var fullness = Fullness.room
        /// True if something waits.
        var holds = false
        /// When the host last had something for the peer.
        var accepted: MonotonicInstant?

        func hasTraffic(at now: MonotonicInstant) -> Bool {
            holds || accepted.map { now - $0 < HostLedger.memory } ?? false
        }
    }

    enum Fullness: Equatable {
        case room
        /// A session that lives is nearly full; when the peer last acknowledged something in it.
        case full(MonotonicInstant)
        /// A session that does not live is nearly full.
        case interrupted
    }

    /// The time that a peer has traffic after a payload, and how long one that acknowledges nothing may still make the host wait.
    private static let memory = Duration.seconds(1)

    subscript(peer: Int) -> Account {
        get { peer < accounts.count ? accounts[peer] : Account() }
        set {
            while accounts.count <= peer { accounts.append(Account()) }
            if accounts[peer].fullness != .room { full -= 1 }
            if newValue.fullness != .room { full += 1 }
            accounts[peer] = newValue
        }
    }

    /// True if the host is to wait: all peers that it has traffic for are full. One that takes nothing makes nobody wait, unless
    /// it is the only one there is.
    func makesHostWait(isOnlyPeer: @autoclosure () -> Bool, at now: MonotonicInstant) -> Bool {
        guard full > 0 else { return false }
        if isOnlyPeer() { return true }
        var waits = false
        for account in accounts where account.hasTraffic(at: now) {
            switch account.fullness {
            case .room: return false
            case .interrupted: break
            case .full(let progressed): if now - progressed < Self.memory { waits = true }
            }
        }
        return waits
    }
}
