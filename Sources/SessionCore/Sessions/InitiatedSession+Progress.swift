// Payloads decide which links a session uses (`PRG-1` to `PRG-5`).
extension InitiatedSession {
    /// Judges the links that the session lives on by what its payloads show.
    mutating func judgeProgress(_ context: PeerContext, _ port: inout Port) {
        guard case .live(let live) = state else { return }
        let parameters = port.configuration.session
        for link in live.links where window.progress[link].hasFailures {
            let verdict = window.progress[link].verdict(
                demand(on: link, context, port), heard: context.lastHeard, delay: parameters.blockAcknowledgmentDelay,
                least: parameters.retransmissionTimeout, at: port.now)
            if let verdict { return payloadsFail(on: link, lengths: verdict, live, context, &port) }
        }
    }

    private func demand(on link: LinkIdentifier, _ context: PeerContext, _ port: Port) -> PayloadProgress.Demand {
        context.link(link).map { port.acknowledgmentSource(on: $0) } == .frame ? .frame : .mac
    }

    /// Payloads do not get through on a link: it is barred, and the session goes on elsewhere. Where no link is left, the one
    /// barred longest ago carries it on, and the user is told once.
    private mutating func payloadsFail(
        on link: LinkIdentifier, lengths: ClosedRange<Int>, _ live: Live, _ context: PeerContext, _ port: inout Port
    ) {
        window.progress[link].clear()
        let usable = context.usableLinks
        let others = usable.removing(link).subtracting(bars.links)
        // It carries the session for want of a better one.
        if others.isEmpty, bars[link] != nil { return }
        let longestAgo = usable.removing(link).min { bars.order(of: $0) < bars.order(of: $1) }
        bars.bar(link, lengths: lengths, at: port.now)
        if others.isEmpty {
            port.tell(
                event(
                    .noLinkDelivers, context, link: longestAgo ?? link, cause: .payloadsNotDelivered,
                    length: lengths.lowerBound, links: usable))
            guard longestAgo != nil else { return }
        }
        let rest = live.links.removing(link).subtracting(bars.links)
        guard rest.isEmpty else { return leave([link], live, rest, .payloadsNotDelivered, context, &port) }
        interrupt(live, on: link, .payloadsNotDelivered, context, &port)
    }

    /// A block acknowledgment came on a link.
    mutating func payloadsAcknowledged(on link: LinkIdentifier, _ context: PeerContext, _ port: inout Port) {
        guard !bars.links.isEmpty else { return }
        var serves = false
        if case .live(let live) = state, live.links.contains(link) {} else {
            serves = bars.probeAnswered(on: link, at: port.now)
        }
        for link in bars.links {
            if let length = window.progress[link].takeLongestDelivered(),
                bars.delivered(length, on: link, at: port.now)
            {
                serves = true
            }
        }
        guard serves, case .live(let live) = state else { return }
        if !leaveFailingLinks(live, context, &port) { shareByPolicy(live, context, &port) }
    }

    /// Leaves links that carried the session for want of a better one, as soon as there is one.
    ///
    /// - Returns: whether it does.
    mutating func leaveFailingLinks(_ live: Live, _ context: PeerContext, _ port: inout Port) -> Bool {
        guard !bars.isEmpty, live.links.subtracting(bars.links).isEmpty,
            !context.usableLinks.subtracting(bars.links).isEmpty
        else { return false }
        interrupt(live, on: live.links.first, .payloadsNotDelivered, context, &port)
        return true
    }

    /// Probes barred links whose time is over.
    mutating func probeBarredLinks(_ context: PeerContext, _ port: inout Port) {
        guard let deadline = bars.nextDeadline, deadline <= port.now, case .live(let live) = state else { return }
        while let probe = bars.nextProbe(at: port.now) {
            guard !live.links.contains(probe.link), let link = context.link(probe.link), link.health.isUsable else {
                continue
            }
            port.sendProbe(
                length: probe.length, start: window.start, of: identifier, tid: tid, to: context.index, on: link)
        }
    }

    /// When to judge, or to probe.
    func addProgressDeadlines(_ live: Live, to earliest: inout EarliestDeadline, _ context: PeerContext, _ port: Port) {
        let least = port.configuration.session.retransmissionTimeout
        for link in live.links where window.progress[link].hasFailures {
            earliest.consider(window.progress[link].due(demand(on: link, context, port), least: least), .progress)
        }
        earliest.consider(bars.nextDeadline, .probe)
        earliest.consider(givenUp.due, .progress)
    }

    /// True if a payload is as long as those that are known not to get through on a link: its failures say nothing about the link.
    func isKnownToFail(_ sequence: SequenceNumber, on link: LinkIdentifier) -> Bool {
        guard !bars.links.isEmpty, let length = window.length(of: sequence) else { return false }
        return bars.knowsToFail(length, on: link)
    }

    /// Gives up payloads that no link delivers, while shorter ones arrive (`PRG-4`).
    mutating func giveUpHopeless(_ context: PeerContext, _ port: inout Port) {
        if !bars.isEmpty, let length = bars.leastThatFails(onAll: context.usableLinks),
            let found = window.giveUp(longerThan: length, &port.store, at: port.now)
        {
            givenUp.add(found.count, length: found.length)
        }
    }

    /// Tells of payloads that were given up.
    mutating func tellGivenUp(_ context: PeerContext, _ port: inout Port) {
        guard let (count, length) = givenUp.take(at: port.now) else { return }
        port.tell(
            event(.payloadsGivenUp, context, cause: .payloadsNotDelivered, framesLost: count, length: length))
    }
}
