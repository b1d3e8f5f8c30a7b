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

    enum State: Equatable {
        /// No agreement: waits for a link, or for the end of a back-off.
        case idle(Idle)
        /// A session request was sent; its response is awaited (`EST-1`).
        case requesting(Requesting)
        /// The agreement lives on a link.
        case live(Live)
        /// The last link is lost; the state is frozen, and kept for the retention time (`INT-1`, `INT-2`).
        case interrupted(Interrupted)
        /// A rebuild request was sent; its acknowledgment is awaited (`REB-1`).
        case rebuilding(Interrupted, Attempt)
    }

    struct Idle: Equatable {
        /// When to try again; `nil` waits for a link.
        var retry: MonotonicInstant?
        /// Rounds of requests in vain so far.
        var round: Int
        /// Whether the next establishment replaces an agreement that was lost.
        var replaces: Bool
    }

    struct Requesting: Equatable {
        let attempt: Attempt
        let requests: RequestCount
        let responseDeadline: MonotonicInstant
        /// Where it came from, and goes back to when no link answers.
        let idle: Idle
    }

    struct Live: Equatable {
        var link: LinkIdentifier
        let isRebuildable: Bool
        let isShareable: Bool
        /// When the agreement came to life on this link.
        var since: MonotonicInstant
        /// When it last carried something.
        var lastActivity: MonotonicInstant
        /// Negotiated inactivity time-out; `nil` is none.
        let inactivityTimeout: Duration?
    }

    typealias Interrupted = Interruption<Live>

    init(tid: TrafficIdentifier, port: inout Port) {
        self.tid = tid
        identifier = SessionIdentifier(rawValue: port.random.next())
        state = .idle(Idle(retry: nil, round: 0, replaces: false))
    }

    var description: SessionDescription { SessionDescription(identifier: identifier, tid: tid, role: .initiator) }

    /// Puts the session into an event.
    func event(
        _ kind: Event.Kind, _ context: PeerContext, link: LinkIdentifier? = nil, cause: EventCause? = nil,
        elapsed: Duration? = nil, frames: Int? = nil, framesLost: Int? = nil
    ) -> Event {
        Event(
            kind, peer: context.mldAddress, link: link, session: description, cause: cause, elapsed: elapsed,
            frames: frames, framesLost: framesLost)
    }

    // MARK: Inputs

    /// A link of the peer became alive, or its agent was heard where nothing was usable before.
    mutating func linkMayBeUsable(_ context: PeerContext, _ port: inout Port) {
        switch state {
        case .idle(let idle): settle(idle, context, &port)
        case .interrupted(let interrupted) where interrupted.retry == nil: rebuild(interrupted, context, &port)
        case .live: sendPayloads(context, &port)
        case .requesting, .interrupted, .rebuilding: break
        }
    }

    mutating func linkLost(_ link: LinkIdentifier, _ cause: EventCause, _ context: PeerContext, _ port: inout Port) {
        switch state {
        case .requesting(let requesting) where requesting.attempt.link == link:
            repeatRequest(requesting, context, &port)
        case .live(let live) where live.link == link: interrupt(live, cause, context, &port)
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
                becomeRebuilt(interrupted, attempt, context, &port)
            } else {
                rebuildAgain(interrupted, attempt, context, &port)
            }
        case .idle, .requesting, .live, .interrupted, .rebuilding: break
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
        case .rebuilding(let interrupted, _):
            if interrupted.retentionEnd(port) <= port.now { drop(.retentionExpired, context, &port) }
        }
        return nil
    }

    func deadlines(_ port: Port) -> [Deadline] {
        switch state {
        case .idle(let idle): return idle.retry.map { [Deadline(instant: $0, reason: .retry)] } ?? []
        case .requesting(let requesting): return [Deadline(instant: requesting.responseDeadline, reason: .response)]
        case .live(let live):
            var deadlines: [Deadline] = []
            if let oldest = window.oldestSent {
                let instant = oldest + port.configuration.session.retransmissionTimeout
                deadlines.append(Deadline(instant: instant, reason: .retransmission))
            }
            if let timeout = live.inactivityTimeout {
                deadlines.append(Deadline(instant: live.lastActivity + timeout, reason: .inactivity))
            }
            return deadlines
        case .interrupted(let interrupted), .rebuilding(let interrupted, _): return interrupted.deadlines(port)
        }
    }

    // MARK: Payloads

    /// Takes a payload from the host.
    mutating func accept(_ payload: Payload, _ context: PeerContext, _ port: inout Port) {
        guard window.held < port.configuration.limits.queuedPayloads else {
            port.counters.refusedPayloads += 1
            return
        }
        window.accept(payload, at: port.now)
        sendPayloads(context, &port)
    }

    mutating func payloadReported(
        _ sequence: SequenceNumber, acknowledged: Bool, _ context: PeerContext, _ port: inout Port
    ) {
        guard case .live = state else { return }
        if !acknowledged { window.sendAgain(sequence) }
        sendPayloads(context, &port)
    }

    mutating func blockAcknowledged(
        _ acknowledgment: BlockAcknowledgment, _ context: PeerContext, _ port: inout Port
    ) {
        guard window.acknowledge(acknowledgment) else { return }
        if case .live(var live) = state {
            live.lastActivity = port.now
            state = .live(live)
        }
        sendPayloads(context, &port)
    }

    /// Sends what the window allows. A link in doubt is left to the probes: they tell sooner, and burn no payloads.
    mutating func sendPayloads(_ context: PeerContext, _ port: inout Port) {
        guard case .live(var live) = state, let link = context.link(live.link), link.health == .alive,
            let source = port.radios[link.identifier]?.address
        else { return }
        while let (sequence, payload) = window.takeNextToSend(at: port.now) {
            live.lastActivity = port.now
            port.send(.payload(identifier, sequence), to: context.index, on: link) { number, _, _ in
                let body = PayloadFrame(transmission: number, session: identifier, sequence: sequence, payload: payload)
                    .body
                return QoSDataFrame(
                    receiver: link.address, transmitter: source, address3: .broadcast, tid: tid.rawValue, body: body
                ).serialized()
            }
        }
        state = .live(live)
    }
}
