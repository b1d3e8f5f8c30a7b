import IEEE80211

/// A session in which this device is the receiver (Block Ack: recipient).
///
/// ```
///   session request         response acknowledged             last link lost
///   ────────────► responding ─────────────► live ──────────────────────────► interrupted
///                     │      (or payload)    ▲ │                              │      │
///                     │                      │ │ not rebuildable, DELBA       │      │ retention expired
///                     ▼                      └─┼───── rebuild request ────────┘      ▼
///                   ended ◄───────────────────┘                                   ended
/// ```
struct ReceivedSession: Equatable {
    let identifier: SessionIdentifier
    let tid: TrafficIdentifier
    let isRebuildable: Bool
    /// Negotiated inactivity time-out; `nil` is none.
    let inactivityTimeout: Duration?
    /// What the response says again when it must be repeated.
    private(set) var response: Response
    /// The last rebuild request that was accepted, 0 before there was one (`REB-8`).
    private(set) var rebuildNumber: UInt32 = 0
    private(set) var rebuilds = 0
    private(set) var window: RecipientWindow
    private(set) var state: State
    /// When the block acknowledgment is due that collects what came in; `nil` when nothing did.
    private(set) var acknowledgmentDue: MonotonicInstant?

    struct Response: Equatable {
        /// That of the last request.
        var dialogToken: UInt8
        let bufferSize: UInt16
        let timeout: UInt16
    }

    enum State: Equatable {
        /// The response was sent; its acknowledgment is awaited (`EST-1`).
        case responding(Responding)
        case live(Live)
        /// The last link is lost; the state is frozen, and kept for the retention time (`INT-1`, `INT-2`).
        case interrupted(since: MonotonicInstant)
    }

    struct Responding: Equatable {
        let since: MonotonicInstant
        var link: LinkIdentifier
        var transmission: TransmissionNumber?
        var tries: Int
    }

    struct Live: Equatable {
        var link: LinkIdentifier
        var lastActivity: MonotonicInstant
    }

    /// A response is repeated this often; after that the initiator's own repetition is waited for.
    private static let maximumTries = 4

    init(request: AddBlockAckRequest, element: SessionElement, tid: TrafficIdentifier, on link: LinkIdentifier, port: Port) {
        let parameters = port.configuration.session
        let asked = Int(request.parameters.bufferSize)
        let bufferSize = asked == 0 ? parameters.bufferSize : min(asked, parameters.bufferSize)
        let timeout = min(request.timeout, parameters.inactivityTimeout)
        identifier = element.session
        self.tid = tid
        isRebuildable = element.flags.contains(.supportsRebuild) && parameters.supportsRebuild
        inactivityTimeout = timeout == 0 ? nil : .timeUnits(timeout)
        response = Response(dialogToken: request.dialogToken, bufferSize: UInt16(bufferSize), timeout: timeout)
        window = RecipientWindow(size: bufferSize)
        state = .responding(Responding(since: port.now, link: link, transmission: nil, tries: 0))
    }

    var description: SessionDescription { SessionDescription(identifier: identifier, tid: tid, role: .receiver) }

    func event(
        _ kind: Event.Kind, _ context: PeerContext, link: LinkIdentifier? = nil, cause: EventCause? = nil,
        elapsed: Duration? = nil, framesLost: Int? = nil
    ) -> Event {
        Event(
            kind, peer: context.mldAddress, link: link, session: description, cause: cause, elapsed: elapsed,
            framesLost: framesLost)
    }

    // MARK: Establishment

    /// Answers the session request, the first one or a repeated one (`EST-1`, `REB-8`).
    mutating func requestReceived(
        dialogToken: UInt8, on link: LinkIdentifier, _ context: PeerContext, _ port: inout Port
    ) {
        response.dialogToken = dialogToken
        respond(on: link, context, &port)
    }

    private mutating func respond(on link: LinkIdentifier, _ context: PeerContext, _ port: inout Port) {
        guard let peerLink = context.link(link) else { return }
        var responding: Responding
        switch state {
        case .responding(let earlier): responding = earlier
        case .live where rebuildNumber == 0, .interrupted where rebuildNumber == 0:
            // The initiator repeats its request, so it did not get the response, whatever the radio said. Or the request is
            // late: then the response is, too, and nothing else has changed.
            responding = Responding(since: port.now, link: link, transmission: nil, tries: 0)
        case .live, .interrupted:
            port.counters.stale += 1
            return
        }
        responding.link = link
        responding.tries += 1
        let flags: SessionElement.Flags = port.configuration.session.supportsRebuild ? .supportsRebuild : []
        responding.transmission = port.sendResponse(
            .response(identifier), status: .success, dialogToken: response.dialogToken, tid: tid,
            bufferSize: response.bufferSize, timeout: response.timeout, to: context.index, on: peerLink
        ) { number in SessionElement(flags: flags, transmission: number, session: identifier) }
        if case .responding = state { state = .responding(responding) }
    }

    mutating func responseReported(
        _ transmission: Transmission, acknowledged: Bool, _ context: PeerContext, _ port: inout Port
    ) {
        guard case .responding(let responding) = state, responding.transmission == transmission.number else { return }
        if acknowledged {
            becomeLive(responding, on: responding.link, context, &port)
        } else if responding.tries < Self.maximumTries {
            respond(on: responding.link, context, &port)
        }
    }

    private mutating func becomeLive(
        _ responding: Responding, on link: LinkIdentifier, _ context: PeerContext, _ port: inout Port
    ) {
        state = .live(Live(link: link, lastActivity: port.now))
        port.tell(event(.established, context, link: link, elapsed: port.now - responding.since))
    }

    /// The initiator holds the session for live, so it has the response, however its acknowledgment got lost.
    mutating func initiatorIsLive(on link: LinkIdentifier, _ context: PeerContext, _ port: inout Port) {
        if case .responding(let responding) = state { becomeLive(responding, on: link, context, &port) }
    }

    // MARK: Interruption and rebuild

    /// - Returns: whether the session is over.
    mutating func linkLost(
        _ link: LinkIdentifier, _ cause: EventCause, _ context: PeerContext, _ port: inout Port
    ) -> Bool {
        guard case .live(let live) = state, live.link == link else { return false }
        guard isRebuildable else {
            port.tell(event(.ended, context, link: link, cause: .notRebuildable, framesLost: window.held))
            return true
        }
        acknowledgmentDue = nil
        state = .interrupted(since: port.now)
        port.tell(event(.interrupted, context, link: link, cause: cause))
        return false
    }

    /// A rebuild request came: its acceptance makes the session live again (`REB-1`).
    ///
    /// - Returns: why it is refused, or `nil`.
    mutating func rebuildRequested(
        _ element: SessionElement, _ parameters: BlockAckParameterSet, on link: LinkIdentifier, _ context: PeerContext,
        _ port: inout Port
    ) -> RefusalReason? {
        guard isRebuildable else { return .rebuildNotSupported }
        guard Int32(bitPattern: element.rebuildNumber &- rebuildNumber) > 0 else {
            // A duplicate, or one that others have overtaken: it must not move the session back (`REB-8`).
            port.counters.stale += 1
            return nil
        }
        guard parameters.tid == tid.rawValue, element.position.map(window.isPossible) ?? true else {
            return .impossibleParameters
        }
        rebuildNumber = element.rebuildNumber
        rebuilds += 1
        let interruptedAt: MonotonicInstant? = if case .interrupted(let since) = state { since } else { nil }
        state = .live(Live(link: link, lastActivity: port.now))
        port.tell(event(.rebuilt, context, link: link, elapsed: interruptedAt.map { port.now - $0 }))
        if let position = element.position {
            deliver(window.reconcile(position), context, &port)
            // What the initiator holds for outstanding may have arrived: it need not send that again.
            if position.start != position.next { sendAcknowledgment(context, &port) }
        }
        return nil
    }

    // MARK: Payloads

    mutating func payloadReceived(
        _ frame: PayloadFrame, on link: LinkIdentifier, _ context: PeerContext, _ port: inout Port
    ) {
        initiatorIsLive(on: link, context, &port)
        guard case .live(var live) = state else {
            // Frozen: the initiator sends it again after the rebuild (`INT-1`, `REB-3`).
            port.counters.stale += 1
            return
        }
        switch window.receive(frame.payload, frame.sequence) {
        case .accepted(let deliverable):
            live.link = link
            live.lastActivity = port.now
            state = .live(live)
            deliver(deliverable, context, &port)
            if acknowledgmentDue == nil {
                acknowledgmentDue = port.now + port.configuration.session.blockAcknowledgmentDelay
            }
        case .duplicate:
            port.counters.duplicatePayloads += 1
            sendAcknowledgment(context, &port)
        case .outsideWindow: port.counters.unexpectedPayloads += 1
        }
    }

    private func deliver(_ payloads: [Payload], _ context: PeerContext, _ port: inout Port) {
        for payload in payloads { port.outputs.append(.deliver(payload, peer: context.mldAddress, tid: tid)) }
    }

    private mutating func sendAcknowledgment(_ context: PeerContext, _ port: inout Port) {
        acknowledgmentDue = nil
        guard case .live(let live) = state, let link = context.link(live.link) else { return }
        let acknowledgment = window.acknowledgment(of: identifier)
        port.sendAction(.unacknowledged, to: context.index, on: link) { _, _ in
            .vendorSpecific(PeerAction.blockAcknowledgment(acknowledgment).action)
        }
    }

    // MARK: Time

    /// - Returns: how the session ends, when its time is over.
    mutating func deadlineReached(_ context: PeerContext, _ port: inout Port) -> Ending? {
        if let due = acknowledgmentDue, due <= port.now { sendAcknowledgment(context, &port) }
        guard let (deadline, cause) = end(port), deadline.instant <= port.now else { return nil }
        port.tell(event(.ended, context, cause: cause, framesLost: window.held))
        return ending(cause == .inactivity ? .timeout : .endBlockAck, .sessionDropped)
    }

    func deadlines(_ port: Port) -> [Deadline] {
        let acknowledgment = acknowledgmentDue.map { [Deadline(instant: $0, reason: .blockAcknowledgment)] } ?? []
        return acknowledgment + (end(port).map { [$0.0] } ?? [])
    }

    /// When and why the session ends if nothing happens.
    private func end(_ port: Port) -> (Deadline, EventCause)? {
        switch state {
        case .responding(let responding):
            // As long as the initiator may still be repeating its request in one round.
            let instant = responding.since + port.configuration.session.maximumBackOff + port.configuration.session.maximumBackOff
            return (Deadline(instant: instant, reason: .response), .noResponse)
        case .live(let live):
            return inactivityTimeout.map { (Deadline(instant: live.lastActivity + $0, reason: .inactivity), .inactivity) }
        case .interrupted(let since):
            return (
                Deadline(instant: since + port.configuration.limits.retention, reason: .retention), .retentionExpired
            )
        }
    }

    /// What a DELBA for this session says.
    func ending(_ standardReason: ReasonCode, _ reason: RefusalReason = .unspecified) -> Ending {
        Ending(session: identifier, tid: tid, role: .receiver, standardReason: standardReason, reason: reason)
    }

    /// Octets held while interrupted; `nil` when the session is not interrupted.
    var interruptedOctets: (since: MonotonicInstant, octets: Int)? {
        if case .interrupted(let since) = state { (since, window.octets) } else { nil }
    }
}
