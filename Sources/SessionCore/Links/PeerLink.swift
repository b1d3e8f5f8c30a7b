import IEEE80211

/// One link that this device and a peer have in common: where the peer's radio is, how the link does, when to try it next.
struct PeerLink: Equatable {
    let identifier: LinkIdentifier
    /// The peer's link MAC address.
    let address: MACAddress
    private(set) var health = LinkHealth.down
    /// When to send the next heartbeat; `nil` while this device's radio is down.
    private(set) var nextHeartbeat: MonotonicInstant?
    private var lastHeartbeat: MonotonicInstant?
    /// True if the last heartbeat said that this device uses the link.
    private var hasAnnouncedUse = false
    /// The interval that the last heartbeat announced: the next one must not come later.
    private(set) var announcedInterval: Duration = .zero
    /// When the peer's agent was last heard here.
    private(set) var lastHeard: MonotonicInstant?
    /// The same, and kept while this device's radio is down.
    private(set) var lastSeen: MonotonicInstant?
    /// The share of transmissions that are acknowledged, `0 ... 1`, the latest ones weighing most.
    private(set) var deliveryRatio = 1.0
    /// How long acknowledgments take here.
    private(set) var roundTrip = RoundTripEstimate()
    /// How much may be on its way here.
    var pace = LinkPace()
    /// How strongly the peer is heard here.
    var signal = LinkSignal()
    /// What the peer last said of the link.
    private(set) var peerFlags: Heartbeat.Flags
    /// The capabilities of the peer's radio, by its heartbeats (`RAT-1`, `RAT-5`).
    private(set) var receives: RadioCapabilities?
    /// The instant from which on other capabilities are taken over.
    private var nextReceives = MonotonicInstant(nanoseconds: 0)
    /// How long the peer may be silent by what it last said of its heartbeats: three of them, their jitter, and a slow scheduler.
    private var peerSilence: Duration = .zero
    /// The number of transmissions here that got no TX report in time (`ACK-1`).
    private(set) var unreported = 0
    /// The state of the radio's reports on what is sent here.
    private(set) var reporting = Reporting.works
    /// The judgment on the peer's radio as a station of the kernel.
    private(set) var station = StationTrust()
    /// The sequence number of the last payload's MPDU, for each TID (`ACK-4`).
    private var sequences = SIMD8<UInt16>(repeating: .max)
    /// Whether the peer held the link for alive, and does so no more.
    private(set) var peerHasGivenUp = false
    /// True if the peer holds the link for alive, by its last heartbeat.
    var peerUsesIt: Bool { peerFlags.contains(.linkAlive) }
    /// The thing that the two devices disagree about here (`CFG-1`).
    private(set) var disagreement: EventCause?
    private var disagreementBudget = RateBudget(perSecond: 1, atOnce: 2)
    /// The number of heartbeats since the last one with this device's links.
    private var heartbeatsWithoutLinks = 0
    /// The number of times that the link came in doubt.
    private(set) var doubts = 0
    /// A link that goes in and out of doubt is reported now and then, and counted (`PRG-5`).
    private var doubtBudget = RateBudget(perSecond: 1, atOnce: 4)
    /// True if the present doubt was left out, so that its end is, too.
    private var isDoubtLeftOut = false

    enum Reporting: Equatable {
        /// As far as is known.
        case works
        /// A report did not come in time, and none came since: acknowledgments are taken from frames (`ACK-2`). `isAnswered` says whether
        /// the peer's agent has acknowledged anything since.
        case fails(isAnswered: Bool)
    }

    /// How many intervals may pass at most between two heartbeats of a link that carries so much that it need not be tried: they also
    /// bring new keys, and to light on which sessions the two ends do not agree (`ROL-2`).
    private static let longestPause = 10
    /// The least time between two changes of the peer's capabilities: each costs the kernel a station.
    private static let receivesPause = Duration.seconds(10)

    init(identifier: LinkIdentifier, address: MACAddress, peerFlags: Heartbeat.Flags = [.radioAcknowledges]) {
        self.identifier = identifier
        self.address = address
        self.peerFlags = peerFlags
    }

    /// When a link that was learned is forgotten unless something is heard.
    func lossDeadline(_ lostAfter: Duration) -> MonotonicInstant {
        (lastSeen ?? MonotonicInstant(nanoseconds: 0)) + max(lostAfter, peerSilence)
    }

    /// Whether a session request may be tried here: the link works, or at least the peer's agent was heard just now. A MAC-level
    /// acknowledgment alone does not make a candidate, since the radio of an agent that died still acknowledges (`REB-6`).
    func isCandidate(at now: MonotonicInstant, _ thresholds: HealthThresholds) -> Bool {
        switch health {
        case .alive, .suspect: true
        case .down: false
        case .unknown where isForbidden, .lost where isForbidden: false
        case .unknown, .lost: lastHeard.map { now - $0 < silenceTimeout(thresholds) } ?? false
        }
    }

    /// True if the next heartbeat has this device's links: until both ends use the link, and now and then after that.
    var isToSayWhoSends: Bool {
        !health.isUsable || !peerUsesIt || heartbeatsWithoutLinks >= Self.mostHeartbeatsWithoutLinks
    }

    private static let mostHeartbeatsWithoutLinks = 15

    /// Notes what the two devices disagree about, or that they agree. A link to which they give different IDs is not used: a session would be
    /// sought on another link than the one that it lives on (`CFG-2`).
    mutating func disagree(_ cause: EventCause?) -> LinkHealth.Change? {
        disagreement = cause
        return isForbidden ? health.forbidden(.linkMismatch) : nil
    }

    private var isForbidden: Bool { disagreement == .linkMismatch }

    mutating func mayTellDisagreement(at now: MonotonicInstant) -> Bool { disagreementBudget.take(at: now) }

    /// The order in which candidates are tried (`REB-4`): the lowest first.
    var rank: (Int, Int, LinkIdentifier) {
        let state =
            switch health {
            case .alive: peerHasGivenUp ? 1 : 0
            case .suspect: 2
            case .unknown: 3
            case .lost: 4
            case .down: 5
            }
        // In eighths: a frame more or less does not make a better link.
        return (state, Int((1 - deliveryRatio) * 8), identifier)
    }

    /// When the link is silent for too long; `nil` while nobody expects to hear anything.
    func silenceDeadline(_ thresholds: HealthThresholds) -> MonotonicInstant? {
        guard health.isUsable, let lastHeard else { return nil }
        return lastHeard + silenceTimeout(thresholds)
    }

    /// The configured one, or what the peer's own heartbeats take.
    private func silenceTimeout(_ thresholds: HealthThresholds) -> Duration {
        max(thresholds.silenceTimeout, peerSilence)
    }

    mutating func radioUp(at now: MonotonicInstant) {
        health.radioUp()
        if nextHeartbeat == nil { nextHeartbeat = now }
    }

    mutating func radioDown(_ cause: LinkDownCause) -> LinkHealth.Change? {
        nextHeartbeat = nil
        lastHeard = nil
        reporting = .works
        return health.radioDown(cause)
    }

    mutating func heartbeatSent(announcing interval: Duration, at now: MonotonicInstant, next: Duration) {
        heartbeatsWithoutLinks = isToSayWhoSends ? 0 : heartbeatsWithoutLinks + 1
        lastHeartbeat = now
        hasAnnouncedUse = health.isUsable
        announcedInterval = interval
        nextHeartbeat = now + next
    }

    /// - Parameters:
    ///   - sent: when the transmission was sent that is acknowledged now.
    ///   - interval: the jittered heartbeat interval: a link that just carried something need not be tried sooner; `nil`
    ///     when the peer did not count that as heard.
    mutating func acknowledged(
        sent: MonotonicInstant, at now: MonotonicInstant, interval: Duration?, _ thresholds: HealthThresholds
    ) -> LinkHealth.Change? {
        if reporting != .works { reporting = .fails(isAnswered: true) }
        roundTrip.add(now.nanoseconds(since: sent))
        deliveryRatio += (1 - deliveryRatio) / 16
        if health.isUsable, hasAnnouncedUse, let interval {
            let latest = (lastHeartbeat ?? now) + interval * Self.longestPause
            nextHeartbeat = min(now + interval, max(latest, now))
        }
        return isForbidden ? nil : announced(health.acknowledged(thresholds), at: now)
    }

    mutating func notAcknowledged(
        from source: AcknowledgmentSource, at now: MonotonicInstant, _ thresholds: HealthThresholds
    ) -> LinkHealth.Change? {
        // What does not reach a peer that is not there yet says nothing about the link.
        if health.isUsable { deliveryRatio -= deliveryRatio / 16 }
        let change = health.notAcknowledged(from: source, at: now, thresholds)
        if change == .becameSuspect { hasten(to: now) }
        if case .suspect = health { hasten(to: now + thresholds.probeInterval) }
        return change
    }

    /// A TX report did not come in time. That says nothing about the link, so heartbeats ask the peer's agent, from now on and at short
    /// intervals.
    mutating func reportIsMissing(at now: MonotonicInstant, _ thresholds: HealthThresholds) {
        unreported += 1
        guard reporting == .works else { return }
        reporting = .fails(isAnswered: false)
        station.reportsFail(at: now)
        if health.isUsable { hasten(to: max(now, (lastHeartbeat ?? now) + thresholds.probeInterval)) }
    }

    /// A TX report came, in time or late.
    mutating func reportCame() { reporting = .works }

    /// Judges if the kernel may have the peer's radio as a station; returns true if that changed.
    mutating func reviewStation(at now: MonotonicInstant) -> Bool {
        station.review(reportsFail: reporting != .works, at: now)
    }

    /// The sequence number of the next payload's MPDU; 12 bits count.
    mutating func nextSequence(_ tid: TrafficIdentifier) -> UInt16 {
        let index = Int(tid.rawValue)
        sequences[index] &+= 1
        return sequences[index]
    }

    /// Notes that the peer's agent was heard, if the link is alive: then that is all there is to it.
    mutating func heardWhileAlive(at now: MonotonicInstant) -> Bool {
        guard health.isAlive else { return false }
        lastHeard = now
        lastSeen = now
        return true
    }

    /// The link came in doubt.
    ///
    /// - Returns: whether to report it.
    mutating func doubtBegan(at now: MonotonicInstant) -> Bool {
        doubts += 1
        isDoubtLeftOut = !doubtBudget.take(at: now)
        return !isDoubtLeftOut
    }

    /// The doubt is over, for better or worse.
    ///
    /// - Returns: whether its begin was reported, or there was none.
    mutating func doubtEnded() -> Bool {
        defer { isDoubtLeftOut = false }
        return !isDoubtLeftOut
    }

    mutating func heard(at now: MonotonicInstant, _ thresholds: HealthThresholds) -> LinkHealth.Change? {
        lastHeard = now
        lastSeen = now
        // The peer is there: do not wait for the slow probing of a link without answer.
        switch health {
        case .unknown: hasten(to: max(now, (lastHeartbeat ?? now) + thresholds.probeInterval))
        case .lost: hasten(to: max(now, (lastHeartbeat ?? now) + thresholds.heartbeatInterval))
        case .down, .alive, .suspect: break
        }
        return isForbidden ? nil : announced(health.heard(thresholds), at: now)
    }

    mutating func sessionReturns(at now: MonotonicInstant, _ thresholds: HealthThresholds) -> LinkHealth.Change? {
        guard !isForbidden, let change = health.sessionReturns() else { return nil }
        lastHeard = now
        hasten(to: now + thresholds.heartbeatInterval)
        return announced(change, at: now)
    }

    /// The peer is to hear at once of a link that is used now: it shares sessions onto no other (`SHR-1`).
    private mutating func announced(_ change: LinkHealth.Change?, at now: MonotonicInstant) -> LinkHealth.Change? {
        if change == .becameAlive, !hasAnnouncedUse { hasten(to: now) }
        return change
    }

    /// - Returns: true if the peer's radio has other capabilities than it had.
    mutating func heard(_ heartbeat: Heartbeat, at now: MonotonicInstant) -> Bool {
        let flags = heartbeat.flags
        peerSilence = .timeUnits(heartbeat.interval) * 7 / 2
        // One that never held the link for alive is only starting.
        let wasAlive = peerFlags.contains(.linkAlive) || peerHasGivenUp
        peerHasGivenUp = wasAlive && !flags.contains(.linkAlive)
        peerFlags = flags
        guard receives != heartbeat.receives, nextReceives <= now else { return false }
        receives = heartbeat.receives
        nextReceives = now + Self.receivesPause
        return true
    }

    mutating func silent(_ thresholds: HealthThresholds, at now: MonotonicInstant) -> LinkHealth.Change? {
        guard let deadline = silenceDeadline(thresholds), deadline <= now, let lastHeard else { return nil }
        return health.silent(for: now - lastHeard)
    }

    mutating func hasten(to instant: MonotonicInstant) {
        if let next = nextHeartbeat, next > instant { nextHeartbeat = instant }
    }
}
