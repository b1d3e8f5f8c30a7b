import IEEE80211

/// A session in which this device is the receiver (Block Ack: recipient).
///
/// ```
///   session request         response acknowledged             last link lost
///   ────────────► responding ─────────────► live ──────────────────────────► interrupted ◄───► rebuilding
///                     │      (or payload)    ▲ │                              │      │             │
///                     │                      │ │ not rebuildable, DELBA       │      │ retention   │
///                     │                      │ │        rebuild request       │      │ expired     │
///                     │                      └─┼──────────────────────────────┘      │             │
///                     ▼                      ▲ ▼                                     ▼             │
///                   ended                    │ ended                               ended           │
///                                            └──────────── own request acknowledged ───────────────┘
/// ```
struct ReceivedSession: Equatable {
    let identifier: SessionIdentifier
    let tid: TrafficIdentifier
    let isRebuildable: Bool
    let isShareable: Bool
    /// Negotiated inactivity time-out; `nil` is none.
    let inactivityTimeout: Duration?
    /// What the response says again when it must be repeated.
    private(set) var response: Response
    /// Which rebuild of this agreement was the last.
    var order = RebuildOrder()
    var rebuilds = 0
    var window: RecipientWindow
    var state: State
    /// The newest transmission of the initiator in this session: what is older was overtaken, and does not say where the session
    /// lives now.
    private var newest: TransmissionNumber
    /// When the block acknowledgment is due that collects what came in; `nil` when nothing did.
    var acknowledgmentDue: MonotonicInstant?
    /// Payloads that came in since the last block acknowledgment.
    private var unacknowledged = 0

    struct Response: Equatable {
        /// That of the last request.
        var dialogToken: UInt8
        let bufferSize: Int
        let timeout: UInt16
    }

    // What is large and rare lies apart, as in `InitiatedSession`.
    enum State: Equatable {
        /// The response was sent; its acknowledgment is awaited (`EST-1`).
        case responding(Responding)
        case live(Live)
        /// The last link is lost; the state is frozen, and kept for the retention time (`INT-1`, `INT-2`).
        indirect case interrupted(Interrupted)
        /// A rebuild request of the receiver was sent; its acknowledgment is awaited (`REB-7`).
        indirect case rebuilding(Interrupted, Attempt)
    }

    typealias Interrupted = Interruption<Live>

    struct Responding: Equatable {
        let since: MonotonicInstant
        var link: LinkIdentifier
        var transmission: TransmissionNumber?
        var tries: Int
    }

    struct Live: Equatable {
        /// At least one; several when it is shared (`SHR-2`).
        var links: LinkSet
        /// Where the initiator sent last.
        var newest: LinkIdentifier
        var lastActivity: MonotonicInstant
    }

    /// A response is repeated this often; after that the initiator's own repetition is waited for.
    private static let maximumTries = 4

    init(
        request: AddBlockAckRequest, element: SessionElement, tid: TrafficIdentifier, on link: LinkIdentifier,
        port: Port
    ) {
        let parameters = port.configuration.session
        let asked = AddBlockAckExtension.bufferSize(of: request.parameters, request.elements)
        let bufferSize = asked == 0 ? parameters.bufferSize : min(asked, parameters.bufferSize)
        let timeout = min(request.timeout, parameters.inactivityTimeout)
        identifier = element.session
        newest = element.transmission
        self.tid = tid
        let agreed = element.flags.intersection(parameters.indicators)
        isRebuildable = agreed.contains(.supportsRebuild)
        isShareable = agreed.contains(.supportsSharing)
        inactivityTimeout = timeout == 0 ? nil : .timeUnits(timeout)
        response = Response(dialogToken: request.dialogToken, bufferSize: bufferSize, timeout: timeout)
        window = RecipientWindow(size: bufferSize)
        state = .responding(Responding(since: port.now, link: link, transmission: nil, tries: 0))
    }

    var description: SessionDescription { SessionDescription(identifier: identifier, tid: tid, role: .receiver) }

    func event(
        _ kind: Event.Kind, _ context: PeerContext, link: LinkIdentifier? = nil, cause: EventCause? = nil,
        elapsed: Duration? = nil, frames: Int? = nil, framesLost: Int? = nil, links: LinkSet = []
    ) -> Event {
        Event(
            kind, peer: context.mldAddress, link: link, session: description, cause: cause, elapsed: elapsed,
            frames: frames, framesLost: framesLost, links: links)
    }

    // MARK: Establishment

    /// Answers the session request, the first one or a repeated one (`EST-1`, `REB-8`).
    mutating func requestReceived(
        dialogToken: UInt8, _ transmission: TransmissionNumber, on link: LinkIdentifier, _ context: PeerContext,
        _ port: inout Port
    ) {
        response.dialogToken = dialogToken
        // The newest word of the initiator is a session request: it never became live there, whatever was tried here since.
        if isNewest(transmission), order.number != 0 { startOver(on: link, &port) }
        respond(on: link, context, &port)
    }

    /// The session is what it was after the first request.
    private mutating func startOver(on link: LinkIdentifier, _ port: inout Port) {
        _ = removePayloads(&port)
        window = RecipientWindow(size: window.size)
        order = RebuildOrder()
        acknowledgmentDue = nil
        unacknowledged = 0
        state = .responding(Responding(since: port.now, link: link, transmission: nil, tries: 0))
    }

    private mutating func respond(on link: LinkIdentifier, _ context: PeerContext, _ port: inout Port) {
        guard let peerLink = context.link(link) else { return }
        var responding: Responding
        switch state {
        case .responding(let earlier): responding = earlier
        case .live where order.number == 0, .interrupted where order.number == 0:
            // The initiator repeats its request, so it did not get the response, whatever the radio said. Or the request is
            // late: then the response is, too, and nothing else has changed.
            responding = Responding(since: port.now, link: link, transmission: nil, tries: 0)
        case .live, .interrupted, .rebuilding:
            port.counters.stale += 1
            return
        }
        responding.link = link
        responding.tries += 1
        let flags = port.configuration.session.indicators
        responding.transmission = port.sendResponse(
            .response(identifier), status: .success, dialogToken: response.dialogToken, tid: tid,
            bufferSize: response.bufferSize, timeout: response.timeout, to: context.index, on: peerLink
        ) { number in SessionElement(flags: flags, transmission: number, session: identifier) }
        if case .responding = state { state = .responding(responding) }
    }

    mutating func responseReported(
        _ transmission: Transmission, acknowledged: Bool, _ context: PeerContext, _ port: inout Port
    ) {
        guard case .responding(let responding) = state else { return }
        if acknowledged {
            // Of several responses, the one that the initiator took.
            becomeLive(responding, on: transmission.link, context, &port)
            leaveIfUnusable(context, &port)
        } else if responding.transmission == transmission.number, responding.tries < Self.maximumTries {
            respond(on: responding.link, context, &port)
        }
    }

    private mutating func becomeLive(
        _ responding: Responding, on link: LinkIdentifier, _ context: PeerContext, _ port: inout Port
    ) {
        state = .live(Live(links: [link], newest: link, lastActivity: port.now))
        port.tell(event(.established, context, link: link, elapsed: port.now - responding.since))
    }

    /// A session that became live on links that are lost here is interrupted at once if there is another one: heartbeats report that to
    /// the initiator, which rebuilds it elsewhere.
    mutating func leaveIfUnusable(_ context: PeerContext, _ port: inout Port) {
        guard case .live(let live) = state, isRebuildable, context.outOfUse(live.links), !context.usableLinks.isEmpty
        else { return }
        state = .interrupted(freeze(live, on: live.newest, .transmissionsNotAcknowledged, context, &port))
    }

    /// The initiator holds the session for live on a link, so it has the response, however its acknowledgment got lost.
    mutating func initiatorIsLive(on link: LinkIdentifier, _ context: PeerContext, _ port: inout Port) {
        if case .responding(let responding) = state { becomeLive(responding, on: link, context, &port) }
    }

    // MARK: Payloads

    /// - Parameter payload: in the store; removed from it here when it is not wanted.
    mutating func payloadReceived(
        _ header: PayloadHeader, _ payload: StoredPayload, on link: LinkIdentifier, _ context: PeerContext,
        _ port: inout Port
    ) {
        initiatorIsLive(on: link, context, &port)
        guard case .live(var live) = state else {
            // Frozen: the initiator sends it again after the rebuild (`INT-1`, `REB-3`).
            port.counters.stale += 1
            port.store.remove(payload)
            return
        }
        let isNewest = isNewest(header.transmission)
        // However far: the initiator may have given up more than a window holds.
        if isNewest {
            window.move(to: header.start) { port.deliver($0, from: context.mldAddress, tid: tid) }
        }
        switch window.reception(of: header.sequence) {
        case .new:
            // The initiator holds the session for live here, however its request got lost.
            if isNewest { live.newest = link }
            if isNewest, !live.links.contains(link) { live.links = isShareable ? live.links.inserting(link) : [link] }
            live.lastActivity = port.now
            state = .live(live)
            window.receive(payload, length: port.store.length(of: payload), header.sequence) {
                port.deliver($0, from: context.mldAddress, tid: tid)
            }
            unacknowledged += 1
            if unacknowledged >= port.configuration.session.payloadsPerAcknowledgment {
                sendAcknowledgment(context, &port)
            } else if acknowledgmentDue == nil {
                acknowledgmentDue = port.now + port.configuration.session.blockAcknowledgmentDelay
            }
        case .duplicate:
            port.counters.duplicatePayloads += 1
            port.store.remove(payload)
            acknowledgmentDue = acknowledgmentDue ?? port.now
        case .outsideWindow:
            port.counters.unexpectedPayloads += 1
            port.store.remove(payload)
        }
    }

    /// The initiator says on which links it holds the session for live: it knows, since it chooses them. A request may have been
    /// lost behind its acknowledgment, or have been overtaken.
    mutating func adoptLinks(
        of entry: Heartbeat.Entry, _ transmission: TransmissionNumber, _ context: PeerContext, _ port: inout Port
    ) {
        guard case .live(var live) = state, !order.isAhead(of: entry.rebuildNumber),
            let first = entry.links.first, LinkSet(context.links.lazy.map(\.identifier)).contains(entry.links),
            isNewest(transmission)
        else { return }
        // A request whose radio's acknowledgment made it so there was lost here.
        if entry.rebuildNumber != order.number { order.accept(entry.rebuildNumber) }
        live.links = entry.links
        if !live.links.contains(live.newest) { live.newest = first }
        state = .live(live)
        leaveIfUnusable(context, &port)
    }

    /// The links on which the session is live; none while it is not.
    var liveLinks: LinkSet {
        if case .live(let live) = state { live.links } else { [] }
    }

    /// Whether the initiator sent this after all else that came of it in this session; from now on it is the newest.
    mutating func isNewest(_ transmission: TransmissionNumber) -> Bool {
        guard Int32(bitPattern: transmission.rawValue &- newest.rawValue) > 0 else { return false }
        newest = transmission
        return true
    }

    /// Says what has arrived, on the link where the initiator sends, unless that is in doubt and another one is not.
    mutating func sendAcknowledgment(_ context: PeerContext, _ port: inout Port) {
        acknowledgmentDue = nil
        unacknowledged = 0
        guard case .live(let live) = state, let link = context.acknowledgmentLink(live.links, newest: live.newest)
        else {
            return
        }
        let acknowledgment = window.acknowledgment(of: identifier)
        port.sendAction(.unacknowledged, to: context.index, on: link) { _, _ in
            .vendorSpecific(PeerAction.blockAcknowledgment(acknowledgment).action)
        }
    }

    /// The initiator asks whether payloads get through on a link where they did not: the answer says what has arrived, on the same
    /// link (`PRG-2`).
    mutating func answerProbe(
        _ header: PayloadHeader, on link: PeerLink, _ context: PeerContext, _ port: inout Port
    ) {
        guard case .live = state else { return }
        // It says where the initiator's window starts, as a payload does.
        if isNewest(header.transmission) {
            window.move(to: header.start) { port.deliver($0, from: context.mldAddress, tid: tid) }
        }
        let acknowledgment = window.acknowledgment(of: identifier)
        port.sendAction(.unacknowledged, to: context.index, on: link) { _, _ in
            .vendorSpecific(PeerAction.blockAcknowledgment(acknowledgment).action)
        }
    }

    /// Drops what the window holds: the session is over.
    ///
    /// - Returns: how many payloads are lost by that.
    mutating func removePayloads(_ port: inout Port) -> Int {
        defer { window.removeAll(&port.store) }
        return window.held
    }

    // MARK: Time

    /// - Returns: how the session ends, when its time is over.
    mutating func deadlineReached(_ context: PeerContext, _ port: inout Port) -> Ending? {
        if let due = acknowledgmentDue, due <= port.now { sendAcknowledgment(context, &port) }
        if case .interrupted(let interrupted) = state, let retry = interrupted.retry, retry <= port.now,
            port.now < interrupted.retentionEnd(port)
        {
            rebuild(interrupted, context, &port)
        }
        guard let (deadline, cause) = end(port), deadline.instant <= port.now else { return nil }
        port.tell(event(.ended, context, cause: cause, framesLost: removePayloads(&port)))
        return ending(cause == .inactivity ? .timeout : .endBlockAck, .sessionDropped)
    }

    /// When something is due.
    func addDeadlines(to earliest: inout EarliestDeadline, _ port: Port) {
        earliest.consider(acknowledgmentDue, .blockAcknowledgment)
        if let (end, _) = end(port) { earliest.consider(end.instant, end.reason) }
        if case .interrupted(let interrupted) = state { earliest.consider(interrupted.retry, .retry) }
    }

    /// When and why the session ends if nothing happens.
    private func end(_ port: Port) -> (Deadline, EventCause)? {
        switch state {
        case .responding(let responding):
            // As long as the initiator may still be repeating its request in one round.
            let instant =
                responding.since + port.configuration.session.maximumBackOff + port.configuration.session.maximumBackOff
            return (Deadline(instant: instant, reason: .response), .noResponse)
        case .live(let live):
            return inactivityTimeout.map {
                (Deadline(instant: live.lastActivity + $0, reason: .inactivity), .inactivity)
            }
        case .interrupted(let interrupted), .rebuilding(let interrupted, _):
            return (Deadline(instant: interrupted.retentionEnd(port), reason: .retention), .retentionExpired)
        }
    }

    /// What a DELBA for this session says.
    func ending(_ standardReason: ReasonCode, _ reason: RefusalReason = .unspecified) -> Ending {
        Ending(session: identifier, tid: tid, role: .receiver, standardReason: standardReason, reason: reason)
    }

    /// Since when it is interrupted; `nil` when it is not.
    var interruptedSince: MonotonicInstant? {
        switch state {
        case .responding, .live: nil
        case .interrupted(let interrupted), .rebuilding(let interrupted, _): interrupted.since
        }
    }

    /// Octets held while it is interrupted and waits for a link; `nil` when it is not, or is being rebuilt.
    var waitingOctets: (since: MonotonicInstant, octets: Int)? {
        guard case .interrupted(let interrupted) = state, interrupted.retry == nil else { return nil }
        return (interrupted.since, window.octets)
    }
}
