import IEEE80211

/// A session that this device wants, as its initiator (Block Ack: originator). It exists as long as it is wanted; agreements with
/// the peer come and go under it.
///
/// ```
///          a link answers            response                   last link lost
///   idle ────────────────► requesting ────────► live ─────────────────────────────► interrupted
///    ▲  ▲                     │  ▲               ▲ │ not rebuildable, DELBA            │   ▲
///    │  └─ no link answers ───┘  └───────────────│─┤ (establish anew)     a candidate  │   │ no candidate
///    │                           ▲               │ │                      link         ▼   │ answers
///    │                           │               └─│──── acknowledged ─────────── rebuilding
///    │                           └─────────────────┴──── refused ──────────────────────┤
///    └───────────────────────────────────────────────── retention expired ─────────────┘ (from interrupted, too)
/// ```
struct InitiatedSession: Equatable {
    let tid: TrafficIdentifier
    /// The agreement; a new one is drawn for every establishment that is not a retry.
    var identifier: SessionIdentifier
    /// Which rebuild of this agreement was the last.
    var order = RebuildOrder()
    /// How often this agreement was rebuilt.
    var rebuilds = 0
    var window = OriginatorWindow()
    var state: State
    /// The number of times in a row that it lost its link soon after a rebuild.
    private var shortLives = 0
    /// Links on which its payloads do not get through.
    var bars = LinkBars()
    /// Payloads that got through nowhere.
    var givenUp = GivenUpPayloads()
    /// When the peer last acknowledged a payload, or the first one came that it is to acknowledge.
    private(set) var progressed = MonotonicInstant(nanoseconds: 0)

    // What is large and rare lies apart: a session that lives is looked at with every payload.
    enum State: Equatable {
        /// No agreement: waits for a link, or for the end of a back-off.
        case idle(Idle)
        /// A session request was sent; its response is awaited (`EST-1`).
        indirect case requesting(Requesting)
        /// The agreement lives, on one link or, shared, on several.
        case live(Live)
        /// The last link is lost; the state is frozen, and kept for the retention time (`INT-1`, `INT-2`).
        indirect case interrupted(Interrupted)
        /// A rebuild request was sent; its acknowledgment is awaited (`REB-1`).
        indirect case rebuilding(Interrupted, Attempt)
    }

    struct Idle: Equatable {
        /// When to try again; `nil` waits for a link.
        var retry: MonotonicInstant?
        /// Rounds of requests in vain so far.
        var round: Int
        /// Whether the next establishment replaces an agreement that was lost.
        var replaces: Bool
        /// The requests of this establishment so far.
        var requests = RequestCount()
    }

    struct Requesting: Equatable {
        let attempt: Attempt
        let requests: RequestCount
        let responseDeadline: MonotonicInstant
        /// Where it came from, and goes back to when no link answers.
        let idle: Idle
    }

    struct Live: Equatable {
        /// At least one.
        var links: LinkSet
        let isRebuildable: Bool
        var isShareable: Bool
        /// The request for other links that is on the air (`SHR-1`).
        var sharing: Sharing?
        /// Rounds of such requests in vain, and when the policy may ask again (`SHR-4`); `nil` is at any time.
        var sharingRounds = 0
        /// See `sharingRounds`.
        var sharingRetry: MonotonicInstant?
        /// What the last request added: a refusal that comes after its acknowledgment takes it back (`REB-6`).
        var added: LinkSet = []
        /// The rebuild that made it live, as long as the peer's agent has not confirmed it.
        var claim: RebuildClaim?
        /// When the agreement came to life on these links.
        var since: MonotonicInstant
        /// When it last carried something.
        var lastActivity: MonotonicInstant
        /// Negotiated inactivity time-out; `nil` is none.
        let inactivityTimeout: Duration?
    }

    typealias Interrupted = Interruption<Live>

    /// The queue discipline: what waits for too long although the session lives goes, so that what follows need not wait.
    var discipline = ControlledDelay()

    init(tid: TrafficIdentifier, port: inout Port) {
        self.tid = tid
        identifier = SessionIdentifier(rawValue: port.random.next())
        state = .idle(Idle(retry: nil, round: 0, replaces: false))
    }

    var description: SessionDescription { SessionDescription(identifier: identifier, tid: tid, role: .initiator) }

    /// Puts the session into an event.
    func event(
        _ kind: Event.Kind, _ context: PeerContext, link: LinkIdentifier? = nil, cause: EventCause? = nil,
        elapsed: Duration? = nil, frames: Int? = nil, framesLost: Int? = nil, length: Int? = nil,
        confirmed: Duration? = nil, links: LinkSet = []
    ) -> Event {
        Event(
            kind, peer: context.mldAddress, link: link, session: description, cause: cause, elapsed: elapsed,
            frames: frames, framesLost: framesLost, length: length, confirmed: confirmed, links: links)
    }

    // MARK: Inputs

    /// A link of the peer became alive, or its agent was heard where nothing was usable before.
    mutating func linkMayBeUsable(_ context: PeerContext, _ port: inout Port) {
        switch state {
        case .idle(let idle): settle(idle, context, &port)
        case .interrupted(let interrupted) where interrupted.retry == nil: rebuild(interrupted, context, &port)
        case .live(let live):
            if leaveDeadLinks(live, context, &port) { return }
            if !leaveFailingLinks(live, context, &port) { shareByPolicy(live, context, &port) }
        case .requesting, .interrupted, .rebuilding: break
        }
    }

    /// The session lost its link. One that is rebuilt and lost again and again is reported (`CFG-3`).
    mutating func noteShortLife(
        of live: Live, on link: LinkIdentifier?, _ cause: EventCause, _ context: PeerContext, _ port: inout Port
    ) {
        guard rebuilds > 0, port.now - live.since < Self.shortLife else { return shortLives = 0 }
        shortLives += 1
        guard shortLives == Self.shortLivesTold else { return }
        port.tell(event(.rebuildLoop, context, link: link, cause: cause))
    }

    /// The wait before the next rebuild: a link that carries requests and loses the rest would be rebuilt on hundreds of times a
    /// second. `nil` where another link works, or the session has not been lost so often.
    func backOff(_ context: PeerContext, _ port: inout Port) -> Duration? {
        guard shortLives >= Self.shortLivesTold, context.usableLinks.isEmpty else { return nil }
        return Attempt.backOff(afterRound: shortLives - Self.shortLivesTold, port: &port)
    }

    private static let shortLife = Duration.seconds(1)
    private static let shortLivesTold = 8

    /// Asks for a rebuild as soon as it can, whatever was tried before.
    mutating func endBackOff(at now: MonotonicInstant) {
        guard case .interrupted(var interrupted) = state, interrupted.retry != nil else { return }
        interrupted.retry = now
        state = .interrupted(interrupted)
    }

    /// A link is alive again after doubt. If it is the only one, payloads have waited for it.
    mutating func doubtIsOver(about link: LinkIdentifier, _ context: PeerContext, _ port: Port) {
        guard case .live(let live) = state, live.links.intersection(context.aliveLinks) == [link] else { return }
        discipline.excuse(until: port.now)
    }

    mutating func linkLost(_ link: LinkIdentifier, _ cause: EventCause, _ context: PeerContext, _ port: inout Port) {
        switch state {
        case .requesting(let requesting) where requesting.attempt.link == link:
            repeatRequest(requesting, context, &port)
        case .live(let live) where live.links.contains(link): liveLinkLost(link, live, cause, context, &port)
        case .rebuilding(let interrupted, let attempt) where attempt.link == link:
            rebuildAgain(interrupted, attempt, context, &port)
        case .idle, .requesting, .live, .interrupted, .rebuilding: break
        }
    }

    /// The fate of a request is known: of a session request, or of a rebuild request.
    mutating func requestReported(
        _ transmission: Transmission, acknowledged: Bool, _ context: PeerContext, _ port: inout Port
    ) {
        switch state {
        case .requesting(let requesting) where requesting.attempt.transmission == transmission.number:
            // Acknowledged: the radio heard it; the response is what counts (`EST-1`).
            if !acknowledged { repeatRequest(requesting, context, &port) }
        case .rebuilding(let interrupted, let attempt) where attempt.transmission == transmission.number:
            if acknowledged {
                // In frames, it is the agent that acknowledges.
                let isConfirmed = transmission.source == .frame
                becomeRebuilt(interrupted, attempt, isConfirmed: isConfirmed, context, &port)
            } else {
                rebuildAgain(interrupted, attempt, context, &port)
            }
        case .live(let live): sharingReported(live, transmission, acknowledged: acknowledged, context, &port)
        case .idle, .requesting, .interrupted, .rebuilding: break
        }
    }

    /// - Returns: how the session ends, when nothing is left of it.
    mutating func deadlineReached(_ context: PeerContext, _ port: inout Port) -> Ending? {
        switch state {
        case .idle(let idle):
            if let retry = idle.retry, retry <= port.now { establish(after: idle, context, &port) }
        case .requesting(let requesting):
            if requesting.responseDeadline <= port.now { repeatRequest(requesting, context, &port) }
        case .live(let live): return liveDeadlineReached(live, context, &port)
        case .interrupted(let interrupted):
            if interrupted.retentionEnd(port) <= port.now {
                drop(.retentionExpired, context, &port)
            } else if let retry = interrupted.retry, retry <= port.now {
                rebuild(interrupted, context, &port)
            }
        case .rebuilding(let interrupted, var attempt):
            if interrupted.retentionEnd(port) <= port.now {
                drop(.retentionExpired, context, &port)
            } else if attempt.payloadsDue != nil {
                attempt.payloadsDue = nil
                state = .rebuilding(interrupted, attempt)
            }
        }
        return nil
    }

    /// When something is due.
    func addDeadlines(to earliest: inout EarliestDeadline, _ context: PeerContext, _ port: Port) {
        switch state {
        case .idle(let idle): earliest.consider(idle.retry, .retry)
        case .requesting(let requesting): earliest.consider(requesting.responseDeadline, .response)
        case .live(let live):
            earliest.consider(window.checkInstant, .retransmission)
            earliest.consider(window.announcement?.due, .retransmission)
            earliest.consider(live.sharingRetry, .retry)
            if isFailing(live) { addProgressDeadlines(live, to: &earliest, context, port) }
            earliest.consider(live.inactivityTimeout.map { live.lastActivity + $0 }, .inactivity)
        case .interrupted(let interrupted): interrupted.addDeadlines(to: &earliest, port)
        case .rebuilding(let interrupted, let attempt):
            interrupted.addDeadlines(to: &earliest, port)
            earliest.consider(attempt.payloadsDue, .payloads)
        }
    }

    // MARK: Payloads

    /// Takes a payload from the host.
    ///
    /// - Returns: whether there was room for it.
    mutating func accept(_ payload: Span<UInt8>, _ port: inout Port) -> Bool {
        guard window.held < port.configuration.limits.queuedPayloads, let stored = port.store.insert(payload) else {
            return false
        }
        if window.held == 0 { progressed = port.now }
        window.accept(stored, length: payload.count, at: port.now)
        return true
    }

    /// Where payloads may be sent now: behind a rebuild request at once, for nothing is lost if that is in vain (`REB-3`).
    var sendingLinks: LinkSet {
        switch state {
        case .idle, .requesting, .interrupted: []
        case .live(let live): live.links
        case .rebuilding(_, let attempt): attempt.payloadsDue == nil ? [attempt.link] : []
        }
    }

    /// The next payload that may be sent now. What waited for too long in a session that lives is dropped (`ControlledDelay`);
    /// what an interruption, or doubt about all its links, let wait is not.
    mutating func nextToSend(_ port: inout Port) -> OriginatorWindow.Next? {
        while let next = window.nextToSend() {
            guard next.isFirstTime, case .live = state,
                discipline.drops(accepted: next.accepted, isLast: window.unsent == 1, at: port.now)
            else { return next }
            window.dropNext(&port.store)
            port.counters.droppedPayloads += 1
        }
        return nil
    }

    /// The payload that `nextToSend` named was sent.
    mutating func payloadSent(_ number: TransmissionNumber, on link: LinkIdentifier, _ port: Port) {
        window.sent(
            OriginatorWindow.Sending(number: number, link: link, instant: port.now),
            timeout: window.retransmissionTimeout(least: port.configuration.session.retransmissionTimeout))
        isActive(at: port.now)
    }

    private mutating func isActive(at now: MonotonicInstant) {
        guard case .live(var live) = state, live.inactivityTimeout != nil else { return }
        live.lastActivity = now
        state = .live(live)
    }

    /// A transmission of a payload was in vain.
    mutating func payloadLost(
        _ sequence: SequenceNumber, _ number: TransmissionNumber, _ context: PeerContext, _ port: inout Port
    ) {
        window.sendAgain(sequence, lost: number)
        judgeProgress(context, &port)
    }

    mutating func blockAcknowledged(
        _ acknowledgment: BlockAcknowledgment, on link: LinkIdentifier, _ context: PeerContext,
        _ port: inout Port, tell: (OriginatorWindow.Sending, _ arrived: Bool) -> Void
    ) {
        confirmRebuild(context, &port)
        if window.acknowledge(acknowledgment, &port.store, at: port.now, tell: tell) {
            progressed = port.now
            isActive(at: port.now)
        }
        guard case .live(let live) = state, isFailing(live) else { return }
        payloadsAcknowledged(on: link, context, &port)
        judgeProgress(context, &port)
    }

    /// True if payloads fail on a link of the session, or did on another one. Nearly always they do not.
    private func isFailing(_ live: Live) -> Bool {
        if !bars.isEmpty { return true }
        for link in live.links where window.progress[link].hasFailures { return true }
        return false
    }
}
