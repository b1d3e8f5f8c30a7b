import IEEE80211

/// What makes a peer one whose links are learned. An announcement is no more than a hint: it names a candidate, and a frame
/// from there, authentic where there is a key, makes it a link.
struct Learning {
    /// Whether the peer stands in the configuration, without links: it stays, with its sessions, when nothing is heard of it.
    let isConfigured: Bool
    /// Whether nothing is sent to the peer, because this device is silent and no session is wanted.
    var isDormant: Bool
    /// Whether the user knows of it.
    var isTold = false
    /// Whether anything came from it but announcements.
    var isProved = false
    /// When an announcement named it for the first time.
    let since: MonotonicInstant
    /// When an announcement named it last.
    private(set) var lastNamed: MonotonicInstant
    /// What it announces that it supports.
    var capabilities: Announcement.Capabilities?
    /// Radios that announcements name and nothing has proved yet, the latest last.
    private(set) var candidates: [Candidate] = []
    /// How many of its announcements are looked at.
    var budget = RateBudget(perSecond: 32)
    /// When to look whether something of it is gone.
    private(set) var nextLook: MonotonicInstant?

    /// A radio that may be the peer's.
    struct Candidate {
        let link: LinkIdentifier
        let address: MACAddress
        fileprivate(set) var expires: MonotonicInstant
        fileprivate var nextTry: MonotonicInstant

        /// As a link to send on.
        var peerLink: PeerLink { Learning.radio(on: link, at: address) }
    }

    /// A radio to send to that is none of the peer's links, so that no acknowledgments are counted on.
    static func radio(on link: LinkIdentifier, at address: MACAddress) -> PeerLink {
        PeerLink(identifier: link, address: address, peerFlags: [])
    }

    /// How many candidates are kept; a peer moves one radio at a time.
    static let mostCandidates = 4
    /// How long a device has to prove itself while others wait for its place.
    static let proofTime = Duration.seconds(1)

    init(isConfigured: Bool, isDormant: Bool, since: MonotonicInstant) {
        self.isConfigured = isConfigured
        self.isDormant = isDormant
        self.since = since
        lastNamed = since
    }

    /// Whether another device may have its place.
    func makesWay(at now: MonotonicInstant) -> Bool { !isConfigured && !isProved && since + Self.proofTime <= now }

    func candidate(on link: LinkIdentifier, at address: MACAddress) -> Candidate? {
        candidates.first { $0.link == link && $0.address == address }
    }

    /// Notes a radio that an announcement names.
    ///
    /// - Returns: whether it is new, and whether to try it now.
    mutating func note(
        _ address: MACAddress, on link: LinkIdentifier, at now: MonotonicInstant, until expires: MonotonicInstant,
        nextTry: MonotonicInstant
    ) -> (isNew: Bool, isDue: Bool) {
        lastNamed = now
        if let index = candidates.firstIndex(where: { $0.link == link && $0.address == address }) {
            candidates[index].expires = expires
            guard candidates[index].nextTry <= now else { return (false, false) }
            candidates[index].nextTry = nextTry
            return (false, true)
        }
        if candidates.count >= Self.mostCandidates { candidates.removeFirst() }
        candidates.append(Candidate(link: link, address: address, expires: expires, nextTry: nextTry))
        look(at: expires)
        return (true, true)
    }

    mutating func removeCandidate(on link: LinkIdentifier, at address: MACAddress) {
        candidates.removeAll { $0.link == link && $0.address == address }
    }

    mutating func removeExpiredCandidates(at now: MonotonicInstant) { candidates.removeAll { $0.expires <= now } }

    /// Looks at `instant`, unless it does so before.
    mutating func look(at instant: MonotonicInstant) { nextLook = min(nextLook ?? instant, instant) }

    mutating func looked() { nextLook = nil }
}
