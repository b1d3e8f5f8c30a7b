import IEEE80211

// Interruption and rebuild at the receiver (`INT-1`, `REB-1` to `REB-8`).
extension ReceivedSession {
    /// - Returns: whether the session is over.
    mutating func linkLost(
        _ link: LinkIdentifier, _ cause: EventCause, _ context: PeerContext, _ port: inout Port
    ) -> Bool {
        switch state {
        case .live(var live) where live.links.contains(link):
            // The others carry on (`SHR-3`), but those that are lost here, of which the initiator does not know.
            let rest = live.links.intersection(context.usableLinks).removing(link)
            guard rest.isEmpty else {
                live.links = rest
                state = .live(live)
                port.tell(event(.sharedLinkLost, context, link: link, cause: cause, links: rest))
                return false
            }
            guard isRebuildable else {
                let lost = removePayloads(&port)
                port.tell(event(.ended, context, link: link, cause: .notRebuildable, framesLost: lost))
                return true
            }
            let interrupted = freeze(live, on: link, cause, context, &port)
            // What the kernel says here the initiator can't know: ask at once. All else it notices by itself, and does not need
            // a second request that crosses its own.
            if case .radio = cause { rebuild(interrupted, context, &port) } else { state = .interrupted(interrupted) }
        case .rebuilding(let interrupted, let attempt) where attempt.link == link:
            sendRebuildRequest(interrupted, tries: attempt.tries, dialogToken: attempt.dialogToken, context, &port)
        case .responding, .live, .interrupted, .rebuilding: break
        }
        return false
    }

    /// The session is interrupted.
    ///
    /// - Returns: the frozen state, to be rebuilt by the initiator or, after a while, by this device.
    mutating func freeze(
        _ live: Live, on link: LinkIdentifier, _ cause: EventCause, _ context: PeerContext, _ port: inout Port
    ) -> Interrupted {
        acknowledgmentDue = nil
        port.tell(event(.interrupted, context, link: link, cause: cause))
        return Interrupted(since: port.now, live: live, retry: port.now + port.configuration.session.receiverDelay)
    }

    /// A link of the peer became alive, or its agent was heard where nothing was usable before.
    mutating func linkMayBeUsable(_ context: PeerContext, _ port: inout Port) {
        leaveIfUnusable(context, &port)
        guard case .interrupted(var interrupted) = state, interrupted.retry == nil else { return }
        interrupted.retry = port.now + port.configuration.session.receiverDelay
        state = .interrupted(interrupted)
    }

    /// A rebuild request came: its acceptance makes the session live again (`REB-1`).
    ///
    /// - Returns: why it is refused, or `nil`.
    mutating func rebuildRequested(
        _ element: SessionElement, _ parameters: BlockAckParameterSet, on link: LinkIdentifier, _ context: PeerContext,
        _ port: inout Port
    ) -> RefusalReason? {
        guard isRebuildable else { return .rebuildNotSupported }
        guard order.isNewer(element.rebuildNumber, context, port) else {
            // A duplicate, or one that others have overtaken: it must not move the session back (`REB-8`).
            port.counters.stale += 1
            return nil
        }
        // Payloads follow a request at once: one that they have overtaken says where the initiator stood before.
        let isNewest = isNewest(element.transmission)
        guard parameters.tid == tid.rawValue, !isNewest || element.position.map(window.isPossible) ?? true else {
            return .impossibleParameters
        }
        order.accept(element.rebuildNumber)
        initiatorIsLive(on: link, context, &port)
        liveAgain(on: link, elapsed: interruptedSince.map { port.now - $0 }, frames: nil, context, &port)
        if let position = element.position {
            window.move(to: position.start) { port.deliver($0, from: context.mldAddress, tid: tid) }
            // What the initiator holds for outstanding may have arrived: it need not send that again.
            if position.start != position.next { sendAcknowledgment(context, &port) }
        }
        return nil
    }

    /// A sharing request came: the session lives on the links that it names (`SHR-1`).
    ///
    /// - Returns: why it is refused, or `nil`.
    mutating func sharingRequested(
        _ element: SessionElement, _ parameters: BlockAckParameterSet, on link: LinkIdentifier, _ context: PeerContext,
        _ port: inout Port
    ) -> RefusalReason? {
        guard isShareable else { return .sharingNotSupported }
        guard order.isNewer(element.rebuildNumber, context, port) else {
            port.counters.stale += 1
            return nil
        }
        let known = LinkSet(context.links.lazy.map(\.identifier))
        guard parameters.tid == tid.rawValue, let links = element.links, known.contains(links), links.contains(link)
        else { return .impossibleParameters }
        order.accept(element.rebuildNumber)
        _ = isNewest(element.transmission)
        initiatorIsLive(on: link, context, &port)
        switch state {
        case .responding, .live: break
        case .interrupted, .rebuilding:
            // The initiator has not noticed.
            liveAgain(
                on: link, elapsed: interruptedSince.map { port.now - $0 }, frames: nil, context, &port)
        }
        state = .live(Live(links: links, newest: link, lastActivity: port.now))
        port.tell(event(.shared, context, link: link, links: links))
        return nil
    }

    private mutating func liveAgain(
        on link: LinkIdentifier, elapsed: Duration?, frames: Int?, _ context: PeerContext, _ port: inout Port
    ) {
        state = .live(Live(links: [link], newest: link, lastActivity: port.now))
        rebuilds += 1
        port.tell(event(.rebuilt, context, link: link, elapsed: elapsed, frames: frames))
    }

    // MARK: Requests of the receiver (REB-7)

    /// Starts a round of rebuild requests.
    mutating func rebuild(_ interrupted: Interrupted, _ context: PeerContext, _ port: inout Port) {
        let dialogToken = UInt8.random(in: 1...255, using: &port.random)
        sendRebuildRequest(interrupted, tries: [:], dialogToken: dialogToken, context, &port)
    }

    private mutating func sendRebuildRequest(
        _ interrupted: Interrupted, tries: [LinkIdentifier: Int], dialogToken: UInt8, _ context: PeerContext,
        _ port: inout Port
    ) {
        var interrupted = interrupted
        guard let link = interrupted.nextLink(tries: tries, context, &port) else {
            state = .interrupted(interrupted)
            return
        }
        guard
            let transmission = port.sendRequest(
                dialogToken: dialogToken, tid: tid, bufferSize: window.size, timeout: response.timeout,
                start: window.start,
                to: context.index, on: link,
                element: SessionElement(
                    flags: [.supportsRebuild, .rebuild, .fromReceiver], transmission: TransmissionNumber(rawValue: 0),
                    session: identifier, rebuildNumber: order.next(), position: window.position))
        else { return }
        port.tell(event(.rebuildRequested, context, link: link.identifier))
        interrupted.requested(at: port.now)
        var attempt = Attempt(tries: tries, link: link.identifier, transmission: transmission, dialogToken: dialogToken)
        attempt.tries[link.identifier, default: 0] += 1
        state = .rebuilding(interrupted, attempt)
    }

    /// The fate of a rebuild request is known.
    mutating func requestReported(
        _ transmission: Transmission, acknowledged: Bool, _ context: PeerContext, _ port: inout Port
    ) {
        guard case .rebuilding(let interrupted, let attempt) = state, attempt.transmission == transmission.number else {
            return
        }
        guard acknowledged else {
            sendRebuildRequest(interrupted, tries: attempt.tries, dialogToken: attempt.dialogToken, context, &port)
            return
        }
        let requests = interrupted.requests
        liveAgain(on: attempt.link, elapsed: requests.elapsed(at: port.now), frames: requests.count, context, &port)
        // The initiator sends everything again that it holds for outstanding; what came out of order it need not.
        if window.held > 0 { sendAcknowledgment(context, &port) }
    }
}
