import IEEE80211

// Interruption and rebuild (`INT-1`, `INT-2`, `REB-1` to `REB-6`).
extension InitiatedSession {
    /// The last link is lost: freeze, and rebuild on another one at once.
    ///
    /// - Parameter link: the one that was lost last.
    mutating func interrupt(
        _ live: Live, on link: LinkIdentifier?, _ cause: EventCause, _ context: PeerContext, _ port: inout Port
    ) {
        guard live.isRebuildable else {
            port.tell(event(.ended, context, link: link, cause: .notRebuildable))
            establishAnew(context, &port)
            return
        }
        var live = live
        live.sharing = nil
        if let claim = live.claim {
            // It was never over.
            live.claim = nil
            rebuild(Interrupted(resuming: claim, live: live), tries: claim.attempt.tries, context, &port)
            return
        }
        port.tell(event(.interrupted, context, link: link, cause: cause))
        noteShortLife(of: live, on: link, cause, context, &port)
        if let wait = backOff(context, &port) {
            state = .interrupted(Interrupted(since: port.now, live: live, retry: port.now + wait))
            return
        }
        // Where the peer lost the session it may still look alive from here; the turn of these links comes last.
        var tries: [LinkIdentifier: Int] = [:]
        if cause == .peerLostLink {
            for link in live.links { tries[link] = port.configuration.session.triesPerLink - 1 }
        }
        rebuild(Interrupted(since: port.now, live: live), tries: tries, context, &port)
    }

    /// Leaves links that are out of use here, if there is another one.
    ///
    /// - Returns: whether it does.
    mutating func leaveDeadLinks(_ live: Live, _ context: PeerContext, _ port: inout Port) -> Bool {
        guard context.outOfUse(live.links), !context.usableLinks.isEmpty else { return false }
        interrupt(live, on: live.links.first, .transmissionsNotAcknowledged, context, &port)
        return true
    }

    /// The peer's heartbeat says that the session is interrupted there, which it is not here.
    mutating func peerInterrupted(_ entry: Heartbeat.Entry, _ context: PeerContext, _ port: inout Port) {
        guard case .live(let live) = state, live.isRebuildable else { return }
        // An older number is one of before the last rebuild, unless that rebuild never reached the peer's agent (`REB-6`).
        let settled = port.now - live.since > port.configuration.session.responseTimeout
        guard entry.rebuildNumber == order.number || settled else { return }
        interrupt(live, on: live.links.first, .peerLostLink, context, &port)
    }

    /// Starts a round of rebuild requests (`REB-4`).
    mutating func rebuild(
        _ interrupted: Interrupted, tries: [LinkIdentifier: Int] = [:], _ context: PeerContext, _ port: inout Port
    ) {
        giveUpLate(context, &port)
        let dialogToken = UInt8.random(in: 1...255, using: &port.random)
        sendRebuildRequest(interrupted, tries: tries, dialogToken: dialogToken, context, &port)
    }

    /// Gives up payloads that waited for longer than they may live (`REB-2`).
    mutating func giveUpLate(_ context: PeerContext, _ port: inout Port) {
        let lifetime = port.configuration.session.payloadLifetime
        let lost = window.giveUp(acceptedBefore: port.now + .nanoseconds(-lifetime.nanoseconds), &port.store, at: port.now)
        if lost > 0 { port.tell(event(.payloadsGivenUp, context, framesLost: lost)) }
    }

    /// Says where the window starts when it moved by giving up and no payload says it: the receiver would keep what it has behind that
    /// (`REB-2`). A probe carries it, and its answer confirms it.
    private mutating func announcePosition(_ live: Live, _ context: PeerContext, _ port: inout Port) {
        let timeout = window.retransmissionTimeout(least: port.configuration.session.retransmissionTimeout)
        guard window.takeAnnouncement(timeout: timeout, at: port.now), let first = live.links.first,
            let link = context.acknowledgmentLink(live.links, newest: first)
        else { return }
        port.sendProbe(length: 1, start: window.start, of: identifier, tid: tid, to: context.index, on: link)
    }

    /// The last request failed: the next link, or the next round.
    mutating func rebuildAgain(
        _ interrupted: Interrupted, _ attempt: Attempt, _ context: PeerContext, _ port: inout Port
    ) {
        sendRebuildRequest(interrupted, tries: attempt.tries, dialogToken: attempt.dialogToken, context, &port)
    }

    private mutating func sendRebuildRequest(
        _ interrupted: Interrupted, tries: [LinkIdentifier: Int], dialogToken: UInt8, _ context: PeerContext,
        _ port: inout Port
    ) {
        var interrupted = interrupted
        guard let link = interrupted.nextLink(tries: tries, bars: bars, context, &port) else {
            state = .interrupted(interrupted)
            return
        }
        _ = order.next()
        guard
            let transmission = sendRequest(
                dialogToken: dialogToken, on: link, flags: [.supportsRebuild, .rebuild], position: window.position,
                context, &port)
        else { return }
        port.tell(event(.rebuildRequested, context, link: link.identifier))
        interrupted.requested(at: port.now)
        var attempt = Attempt(
            tries: tries, link: link.identifier, transmission: transmission, dialogToken: dialogToken)
        attempt.tries[link.identifier, default: 0] += 1
        // Payloads follow at once, without waiting for the acknowledgment; but one that is there already is heard first.
        attempt.payloadsDue = port.now
        state = .rebuilding(interrupted, attempt)
        window.sendAgain { $0 == link.identifier }
    }

    /// The acknowledgment of the one request: the session lives again, and data goes on where it stopped (`REB-1`, `REB-3`).
    mutating func becomeRebuilt(
        _ interrupted: Interrupted, _ attempt: Attempt, isConfirmed: Bool, _ context: PeerContext, _ port: inout Port
    ) {
        var live = interrupted.live
        live.claim = interrupted.claim(attempt, at: port.now)
        liveAgain(live, on: attempt.link, &port)
        if isConfirmed { confirmRebuild(context, &port) }
    }

    /// The peer's agent shows that it holds the session for live: the rebuild is one (`REB-6`).
    mutating func confirmRebuild(_ context: PeerContext, _ port: inout Port) {
        guard case .live(var live) = state, let claim = live.claim else { return }
        live.claim = nil
        state = .live(live)
        rebuilt(
            event(
                .rebuilt, context, link: claim.attempt.link, elapsed: claim.requests.elapsed(at: claim.acknowledged),
                frames: claim.requests.count, confirmed: claim.requests.elapsed(at: port.now)), live, context, &port)
    }

    private mutating func rebuilt(_ event: Event, _ live: Live, _ context: PeerContext, _ port: inout Port) {
        rebuilds += 1
        port.tell(event)
        shareByPolicy(live, context, &port)
    }

    private mutating func liveAgain(_ live: Live, on link: LinkIdentifier, _ port: inout Port) {
        var live = live
        live.links = [link]
        live.sharing = nil
        live.added = []
        live.since = port.now
        live.lastActivity = port.now
        state = .live(live)
        discipline.excuse(until: port.now)
        window.progress[link].clear()
        window.sendAgain { $0 == link }
    }

    /// The receiver asks for the rebuild, for it knew of the loss first, or at the same time (`REB-7`).
    ///
    /// - Returns: why it is refused, or `nil`.
    mutating func peerRebuilds(
        _ element: SessionElement, _ parameters: BlockAckParameterSet, on link: LinkIdentifier, _ context: PeerContext,
        _ port: inout Port
    ) -> RefusalReason? {
        let live: Live
        let since: MonotonicInstant?
        switch state {
        case .idle, .requesting: return .unknownSession
        case .live(let current): (live, since) = (current, nil)
        case .interrupted(let interrupted), .rebuilding(let interrupted, _):
            (live, since) = (interrupted.live, interrupted.since)
        }
        guard live.isRebuildable else { return .rebuildNotSupported }
        guard order.isNewer(element.rebuildNumber, context, port) else {
            port.counters.stale += 1
            return nil
        }
        guard parameters.tid == tid.rawValue, let position = element.position,
            window.next.distance(to: position.next) <= 0
        else { return .impossibleParameters }
        order.accept(element.rebuildNumber)
        guard window.acknowledge(before: position.start, &port.store) else {
            // The receiver waits for what was given up since. It must hear of that, by a newer request (`REB-2`).
            switch state {
            case .idle, .requesting: break
            case .live(let live): interrupt(live, on: live.links.first, .peerLostLink, context, &port)
            case .interrupted(let interrupted), .rebuilding(let interrupted, _): rebuild(interrupted, context, &port)
            }
            return nil
        }
        var rebuiltLive = live
        rebuiltLive.claim = nil
        liveAgain(rebuiltLive, on: link, &port)
        guard case .live(let now) = state else { return nil }
        rebuilt(event(.rebuilt, context, link: link, elapsed: since.map { port.now - $0 }), now, context, &port)
        return nil
    }

    /// The receiver holds the session for rebuilt by a request of its own that is newer than the last rebuild here: this device's radio
    /// acknowledged it, and it was lost behind that (`REB-7`).
    mutating func adoptRebuild(of entry: Heartbeat.Entry, _ context: PeerContext, _ port: inout Port) {
        guard case .live(var live) = state, live.isRebuildable, order.isBehind(entry.rebuildNumber) else { return }
        guard let link = entry.links.first(where: { !context.outOfUse([$0]) }) else {
            return interrupt(live, on: live.links.first, .peerLostLink, context, &port)
        }
        order.accept(entry.rebuildNumber)
        live.claim = nil
        liveAgain(live, on: link, &port)
        guard case .live(let now) = state else { return }
        rebuilt(event(.rebuilt, context, link: link), now, context, &port)
    }

    /// The peer refuses the rebuild, be it after its radio acknowledged the request (`REB-5`, `REB-6`): establish anew.
    mutating func rebuildRefused(
        _ reason: RefusalReason, rebuildNumber number: UInt32, on link: LinkIdentifier, _ context: PeerContext,
        _ port: inout Port
    ) {
        guard number == order.number, number != 0 else {
            port.counters.stale += 1
            return
        }
        switch state {
        case .rebuilding, .live, .interrupted: refused(reason, on: link, context, &port)
        case .idle, .requesting: port.counters.stale += 1
        }
    }

    /// The agreement is gone at the peer: say so, and establish anew without the user doing anything (`REB-5`).
    mutating func refused(
        _ reason: RefusalReason, on link: LinkIdentifier, _ context: PeerContext, _ port: inout Port
    ) {
        port.tell(event(.refused, context, link: link, cause: .refusal(reason)))
        establishAnew(context, &port)
    }

    /// Drops the interrupted agreement and what it still held; it is still wanted, so a new one is established when a link
    /// answers (`INT-2`).
    mutating func drop(_ cause: EventCause, _ context: PeerContext, _ port: inout Port) {
        port.tell(event(.ended, context, cause: cause, framesLost: window.removeAll(&port.store)))
        renew(&port)
        if cause == .peerLeaving {
            // Its agent still answers for a moment; a session with it would be lost again at once.
            let wait = port.random.jittered(port.configuration.session.maximumBackOff)
            state = .idle(Idle(retry: port.now + wait, round: 1, replaces: true))
            return
        }
        let idle = Idle(retry: nil, round: 0, replaces: true)
        state = .idle(idle)
        if context.hasCandidate(port) { establish(after: idle, context, &port) }
    }

    /// - Returns: how the session ends, when it carried nothing for too long (`ROL-2`).
    mutating func liveDeadlineReached(_ live: Live, _ context: PeerContext, _ port: inout Port) -> Ending? {
        if let timeout = live.inactivityTimeout, live.lastActivity + timeout <= port.now {
            port.tell(
                event(
                    .ended, context, link: live.links.first, cause: .inactivity,
                    framesLost: window.removeAll(&port.store)))
            return ending(.timeout)
        }
        if let check = window.checkInstant, check <= port.now {
            giveUpLate(context, &port)
            let least = port.configuration.session.retransmissionTimeout
            window.sendOverdueAgain(timeout: window.retransmissionTimeout(least: least), at: port.now)
            giveUpHopeless(context, &port)
        }
        announcePosition(live, context, &port)
        shareAgain(context, &port)
        tellGivenUp(context, &port)
        judgeProgress(context, &port)
        probeBarredLinks(context, &port)
        return nil
    }

    /// What a DELBA for this session says.
    func ending(_ reason: ReasonCode) -> Ending {
        Ending(session: identifier, tid: tid, role: .initiator, standardReason: reason, reason: .unspecified)
    }

    /// Whether the session holds an agreement that the peer may hold too.
    var isAgreed: Bool {
        switch state {
        case .idle: false
        case .requesting, .live, .interrupted, .rebuilding: true
        }
    }

    /// Octets held while it is interrupted and waits for a link; `nil` when it is not, or is being rebuilt.
    var waitingOctets: (since: MonotonicInstant, octets: Int)? {
        guard case .interrupted(let interrupted) = state, interrupted.retry == nil else { return nil }
        return (interrupted.since, window.octets)
    }
}
