import IEEE80211

// Establishment: session request, response, both acknowledged (`EST-1`, `EST-2`, `EST-4`).
extension InitiatedSession {
    /// Chooses the moment of the first request: when a link answers, but not before the others had the time of one heartbeat
    /// to answer too, so that the best of all is chosen and not the quickest.
    mutating func settle(_ idle: Idle, _ context: PeerContext, _ port: inout Port) {
        let isBackingOff = idle.round > 0 && idle.retry != nil
        guard !isBackingOff, context.hasCandidate(port) else { return }
        let someAreUnproven = context.links.contains { if case .unknown = $0.health { true } else { false } }
        if idle.round > 0 || idle.replaces || !someAreUnproven {
            establish(after: idle, context, &port)
        } else if idle.retry == nil {
            state = .idle(
                Idle(retry: port.now + port.configuration.health.heartbeatInterval, round: 0, replaces: false))
        }
    }

    mutating func establish(after idle: Idle, _ context: PeerContext, _ port: inout Port) {
        giveUpLate(context, &port)
        // What was given up has no number yet.
        restartWindow(context, &port)
        sendSessionRequest(
            tries: [:], dialogToken: UInt8.random(in: 1...255, using: &port.random), requests: idle.requests, idle,
            context, &port)
    }

    /// Wants a new agreement in place of the one that is gone. Payloads that were not acknowledged go on in it, in order.
    mutating func establishAnew(_ context: PeerContext, _ port: inout Port) {
        renew(&port)
        restartWindow(context, &port)
        establish(after: Idle(retry: nil, round: 0, replaces: true), context, &port)
    }

    private mutating func restartWindow(_ context: PeerContext, _ port: inout Port) {
        let lost = window.restart(&port.store)
        if lost > 0 { port.tell(event(.payloadsGivenUp, context, framesLost: lost)) }
    }

    /// A new identifier, for a new agreement.
    mutating func renew(_ port: inout Port) {
        identifier = SessionIdentifier(rawValue: port.random.next())
        order = RebuildOrder()
        rebuilds = 0
    }

    mutating func repeatRequest(_ requesting: Requesting, _ context: PeerContext, _ port: inout Port) {
        sendSessionRequest(
            tries: requesting.attempt.tries, dialogToken: requesting.attempt.dialogToken, requests: requesting.requests,
            requesting.idle, context, &port)
    }

    private mutating func sendSessionRequest(
        tries: [LinkIdentifier: Int], dialogToken: UInt8, requests: RequestCount, _ idle: Idle, _ context: PeerContext,
        _ port: inout Port
    ) {
        guard let link = context.nextCandidate(tries: tries, bars: bars, port: port) else {
            let retry =
                context.hasCandidate(port) ? port.now + Attempt.backOff(afterRound: idle.round, port: &port) : nil
            state = .idle(
                Idle(retry: retry, round: idle.round + 1, replaces: idle.replaces, requests: requests))
            return
        }
        guard
            let transmission = sendRequest(
                dialogToken: dialogToken, on: link, flags: port.configuration.session.indicators, position: nil,
                context,
                &port)
        else { return }
        port.tell(event(.sessionRequested, context, link: link.identifier))
        var attempt = Attempt(
            tries: tries, link: link.identifier, transmission: transmission, dialogToken: dialogToken)
        attempt.tries[link.identifier, default: 0] += 1
        var requests = requests
        requests.add(at: port.now)
        state = .requesting(
            Requesting(
                attempt: attempt, requests: requests,
                responseDeadline: port.now + port.configuration.session.responseTimeout, idle: idle))
    }

    /// Sends an ADDBA Request: a session request or, with a mark among its flags, a rebuild or sharing request.
    func sendRequest(
        dialogToken: UInt8, on link: PeerLink, flags: SessionElement.Flags, position: ResumptionPosition?,
        links: LinkSet? = nil, _ context: PeerContext, _ port: inout Port
    ) -> TransmissionNumber? {
        let parameters = port.configuration.session
        return port.sendRequest(
            dialogToken: dialogToken, tid: tid, bufferSize: parameters.bufferSize,
            timeout: parameters.inactivityTimeout,
            start: window.start, to: context.index, on: link,
            element: SessionElement(
                flags: flags, transmission: TransmissionNumber(rawValue: 0), session: identifier,
                rebuildNumber: order.number, position: position, links: links))
    }

    /// The peer answered a session request.
    ///
    /// - Parameter element: `nil` when it is a plain 802.11 peer (`EST-2`).
    mutating func sessionResponse(
        _ response: AddBlockAckResponse, _ element: SessionElement?, on link: LinkIdentifier, _ context: PeerContext,
        _ port: inout Port
    ) {
        // Each establishment has an identifier of its own, so an answer to any of its requests is one: a slow peer answers those of
        // rounds that are over.
        let establishment: (idle: Idle, requests: RequestCount)
        switch state {
        case .requesting(let requesting)
        where element.map({ $0.session == identifier }) ?? (requesting.attempt.dialogToken == response.dialogToken):
            establishment = (requesting.idle, requesting.requests)
        case .idle(let idle) where element?.session == identifier && idle.requests.count > 0:
            establishment = (idle, idle.requests)
        default:
            port.counters.stale += 1
            return
        }
        if response.status == .success {
            becomeEstablished(establishment, response, element, on: link, context, &port)
        } else {
            // A refusal now is one for a while: wait as long as back-off ever does.
            port.tell(event(.refused, context, link: link, cause: .refusal(element?.reason ?? .unspecified)))
            renew(&port)
            let wait = port.random.jittered(port.configuration.session.maximumBackOff)
            state = .idle(
                Idle(
                    retry: port.now + wait, round: establishment.idle.round + 1,
                    replaces: establishment.idle.replaces))
        }
    }

    private mutating func becomeEstablished(
        _ establishment: (idle: Idle, requests: RequestCount), _ response: AddBlockAckResponse,
        _ element: SessionElement?, on link: LinkIdentifier, _ context: PeerContext, _ port: inout Port
    ) {
        let parameters = port.configuration.session
        let granted = AddBlockAckExtension.bufferSize(of: response.parameters, response.elements)
        // A buffer size of 0 leaves the choice to the originator (IEEE Std 802.11-2020, 9.4.1.13).
        window.size = granted == 0 ? parameters.bufferSize : min(granted, parameters.bufferSize)
        let timeout = min(parameters.inactivityTimeout, response.timeout)
        let agreed = parameters.indicators.intersection(element?.flags ?? [])
        state = .live(
            Live(
                links: [link], isRebuildable: agreed.contains(.supportsRebuild),
                isShareable: agreed.contains(.supportsSharing), sharing: nil,
                since: port.now, lastActivity: port.now,
                inactivityTimeout: timeout == 0 ? nil : .timeUnits(timeout)))
        discipline.excuse(until: port.now)
        port.tell(
            event(
                establishment.idle.replaces ? .establishedAnew : .established, context, link: link,
                elapsed: establishment.requests.elapsed(at: port.now), frames: establishment.requests.count + 1))
        guard case .live(let live) = state else { return }
        // The link may have been lost while the response was on its way.
        if !leaveDeadLinks(live, context, &port) { shareByPolicy(live, context, &port) }
    }
}

extension Duration {
    /// 802.11's time units of 1,024 µs.
    static func timeUnits(_ count: UInt16) -> Duration { .microseconds(Int64(count) * 1024) }

    /// In 802.11's time units, rounded up; at most 65,535.
    var timeUnits: UInt16 { UInt16(clamping: (nanoseconds + 1_023_999) / 1_024_000) }
}
