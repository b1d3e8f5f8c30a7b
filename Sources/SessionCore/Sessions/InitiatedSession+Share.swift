import IEEE80211

// Sharing (`SHR-1` to `SHR-4`): a session that lives goes on living on further links. One request names all links that it is to
// live on; its acknowledgment makes it so.
extension InitiatedSession {
    /// A request for other links that is on the air.
    struct Sharing: Equatable {
        let attempt: Attempt
        /// All links that the session is to live on.
        let links: LinkSet
        let requests: RequestCount
    }

    /// Wants the session to live on these links, too (`SHR-1`).
    mutating func share(on links: LinkSet, _ context: PeerContext, _ port: inout Port) {
        guard case .live(let live) = state, live.isShareable, live.sharing == nil, live.claim == nil
        else { return }
        let able = context.linksInUse.subtracting(bars.links).intersection(links)
        let wanted = LinkSet(rawValue: live.links.rawValue | able.rawValue)
        guard wanted != live.links else { return }
        sendSharingRequest(
            live, wanted, tries: [:], dialogToken: UInt8.random(in: 1...255, using: &port.random),
            requests: RequestCount(), context, &port)
    }

    /// Shares the session if the configuration wants that by itself (`SHR-4`).
    mutating func shareByPolicy(_ live: Live, _ context: PeerContext, _ port: inout Port) {
        // Links that come and go would be asked for hundreds of times a second.
        guard live.sharingRetry == nil else { return }
        switch port.configuration.session.sharing {
        case .manual: break
        case .always: share(on: context.linksInUse, context, &port)
        case .whenWorse:
            let thresholds = port.configuration.session
            let isGood = live.links.contains {
                context.link($0).map { $0.deliveryRatio >= thresholds.sharingRatio } ?? false
            }
            let others = context.links.filter {
                !live.links.contains($0.identifier) && $0.health == .alive && $0.peerUsesIt && bars[$0.identifier] == nil
                    && $0.deliveryRatio >= thresholds.sharingRatio
            }
            guard !isGood, let best = others.min(by: { $0.rank < $1.rank }) else { return }
            share(on: [best.identifier], context, &port)
        }
    }

    /// The time to ask again has come.
    mutating func shareAgain(_ context: PeerContext, _ port: inout Port) {
        guard case .live(var live) = state, let retry = live.sharingRetry, retry <= port.now else { return }
        live.sharingRetry = nil
        state = .live(live)
        shareByPolicy(live, context, &port)
    }

    private mutating func sendSharingRequest(
        _ live: Live, _ links: LinkSet, tries: [LinkIdentifier: Int], dialogToken: UInt8, requests: RequestCount,
        _ context: PeerContext, _ port: inout Port
    ) {
        var live = live
        live.sharing = nil
        state = .live(live)
        guard let link = context.nextCandidate(tries: tries, among: live.links, bars: bars, port: port) else {
            live.sharingRetry = port.now + Attempt.backOff(afterRound: live.sharingRounds, port: &port)
            live.sharingRounds += 1
            state = .live(live)
            return
        }
        _ = order.next()
        guard
            let transmission = sendRequest(
                dialogToken: dialogToken, on: link, flags: [.supportsSharing, .sharing], position: nil, links: links,
                context, &port)
        else { return }
        port.tell(event(.shareRequested, context, link: link.identifier, links: links))
        var attempt = Attempt(
            tries: tries, link: link.identifier, transmission: transmission, dialogToken: dialogToken)
        attempt.tries[link.identifier, default: 0] += 1
        var requests = requests
        requests.add(at: port.now)
        live.sharing = Sharing(attempt: attempt, links: links, requests: requests)
        state = .live(live)
    }

    /// The fate of a sharing request is known.
    mutating func sharingReported(
        _ live: Live, _ transmission: Transmission, acknowledged: Bool, _ context: PeerContext, _ port: inout Port
    ) {
        guard let sharing = live.sharing, sharing.attempt.transmission == transmission.number else { return }
        guard acknowledged else {
            sendSharingRequest(
                live, sharing.links, tries: sharing.attempt.tries, dialogToken: sharing.attempt.dialogToken,
                requests: sharing.requests, context, &port)
            return
        }
        var live = live
        live.sharing = nil
        (live.sharingRounds, live.sharingRetry) = (0, nil)
        // One that was lost meanwhile must prove itself again.
        live.added = sharing.links.intersection(context.usableLinks).subtracting(live.links)
        for link in live.added { window.progress[link].clear() }
        live.links = LinkSet(rawValue: live.links.rawValue | live.added.rawValue)
        state = .live(live)
        port.tell(
            event(
                .shared, context, link: sharing.attempt.link, elapsed: sharing.requests.elapsed(at: port.now),
                frames: sharing.requests.count, links: live.links))
    }

    /// The peer refuses to share, be it after its radio acknowledged the request: the session goes on as it was, unless the peer
    /// does not know it.
    mutating func sharingRefused(
        _ reason: RefusalReason, rebuildNumber number: UInt32, on link: LinkIdentifier, _ context: PeerContext,
        _ port: inout Port
    ) {
        guard case .live(var live) = state, number == order.number, number != 0 else {
            port.counters.stale += 1
            return
        }
        switch reason {
        case .unknownSession, .sessionDropped: refused(reason, on: link, context, &port)
        case .unspecified, .rebuildNotSupported, .impossibleParameters, .tooManySessions, .sharingNotSupported:
            live.sharing = nil
            live.isShareable = false
            port.tell(event(.refused, context, link: link, cause: .refusal(reason)))
            let rest = live.links.subtracting(live.added)
            // Those on which it lived before may be lost by now.
            guard !rest.isEmpty else { return interrupt(live, on: live.links.first, .peerLostLink, context, &port) }
            live.links = rest
            state = .live(live)
            window.sendAgain { rest.contains($0) }
        }
    }

    /// A link that the session lives on is lost. While there are others nothing is interrupted: what was outstanding there is
    /// sent again on them at once (`SHR-3`). The last one is `INT-1`.
    mutating func liveLinkLost(
        _ link: LinkIdentifier, _ live: Live, _ cause: EventCause, _ context: PeerContext, _ port: inout Port
    ) {
        let rest = live.links.removing(link)
        guard !rest.isEmpty else {
            interrupt(live, on: link, cause, context, &port)
            return
        }
        leave([link], live, rest, cause, context, &port)
    }

    /// The peer lists fewer links than the session lives on: it has lost the others, though they look alive from here.
    mutating func peerLists(_ links: LinkSet, rebuildNumber number: UInt32, _ context: PeerContext, _ port: inout Port)
    {
        guard case .live(let live) = state, number == order.number else { return }
        let (rest, missing) = (live.links.intersection(links), live.links.subtracting(links))
        guard !rest.isEmpty, !missing.isEmpty else { return }
        leave(missing, live, rest, .peerLostLink, context, &port)
    }

    /// Leaves some links, and lives on on the rest of them.
    mutating func leave(
        _ links: LinkSet, _ live: Live, _ rest: LinkSet, _ cause: EventCause, _ context: PeerContext,
        _ port: inout Port
    ) {
        var live = live
        live.links = rest
        live.added = live.added.intersection(rest)
        state = .live(live)
        window.sendAgain { rest.contains($0) }
        for link in links {
            window.progress[link].clear()
            port.tell(event(.sharedLinkLost, context, link: link, cause: cause, links: rest))
        }
        guard let sharing = live.sharing, links.contains(sharing.attempt.link) else { return }
        sendSharingRequest(
            live, sharing.links.subtracting(links), tries: sharing.attempt.tries,
            dialogToken: sharing.attempt.dialogToken, requests: sharing.requests, context, &port)
    }
}
