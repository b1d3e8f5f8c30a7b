import IEEE80211

// A peer whose links are learned.
extension Peer {
    /// The place of a peer that vanished; the next one that is discovered may have it.
    var isVacant: Bool { mldAddress.rawValue == 0 }

    /// Whether somebody knows of it: the configuration, or the user by an event.
    var isListed: Bool { !isVacant && learning.map { $0.isConfigured || $0.isTold } ?? true }

    /// Whether a session with it is agreed on, be it interrupted, or is being agreed on.
    var hasSessions: Bool { !received.isEmpty || initiated.contains(where: \.isAgreed) }

    /// Begins to send to a peer to which this silent device has sent nothing yet: a session is wanted, or the peer spoke.
    mutating func wake(_ port: inout Port) {
        guard learning?.isDormant == true else { return }
        learning?.isDormant = false
        for candidate in learning?.candidates ?? [] { tryCandidate(candidate.peerLink, &port) }
    }

    // MARK: Candidates

    /// An announcement names a radio. Nothing about the peer changes, but that radio is tried: with a handshake request where there
    /// is a key, and with a heartbeat.
    ///
    /// - Returns: whether it was not known before.
    mutating func noteCandidate(_ announcement: Announcement, at address: MACAddress, _ port: inout Port) -> Bool {
        guard var learning else { return false }
        learning.capabilities = announcement.capabilities
        let (isNew, isDue) = learning.note(
            address, on: announcement.link, at: port.now,
            until: port.now + max(port.configuration.discovery.lostAfter, announcement.longestSilence),
            nextTry: port.now + port.configuration.health.lostProbeInterval)
        self.learning = learning
        if learning.isDormant {
            // Nothing more will be known of it until a session is wanted.
            if !learning.isTold { tellLearned(.linkFound, on: announcement.link, &port) }
        } else if isDue {
            tryCandidate(Learning.radio(on: announcement.link, at: address), &port)
        }
        return isNew
    }

    /// Sends to a radio that may be the peer's what the peer answers.
    func tryCandidate(_ link: PeerLink, _ port: inout Port) {
        if port.configuration.discovery.mode == .listen { port.announce(on: link.identifier, to: link.address) }
        if let request = port.requestDue(for: index) { port.sendHandshake(request, to: index, on: link) }
        let interval = port.configuration.health.lostProbeInterval
        port.sendAction(.unacknowledged, to: index, on: link) { number, _ in
            .vendorSpecific(
                PeerAction.heartbeat(
                    Heartbeat(flags: [], transmission: number, interval: interval.timeUnits, sessions: [])
                ).action)
        }
    }

    /// A candidate proved itself: the radio is the peer's link from now on, in place of another one if there is one.
    mutating func learn(_ link: LinkIdentifier, at address: MACAddress, _ port: inout Port) {
        learning?.isProved = true
        var learned = PeerLink(identifier: link, address: address)
        if port.radios[link] != nil { learned.radioUp(at: port.now) }
        let cause: EventCause
        if let index = links.firstIndex(where: { $0.identifier == link }) {
            port.log.forget(peer: self.index, link: link)
            links[index] = learned
            cause = .addressChanged
            // Requests to the other radio are answered by nobody any more.
            sessionsLose(link, .addressChanged, &port)
            // Nor does a back-off after them say anything about this one.
            for session in initiated.indices { initiated[session].endBackOff(at: port.now) }
        } else {
            links.insert(learned, at: links.firstIndex { $0.identifier > link } ?? links.endIndex)
            cause = .linkFound
        }
        port.peerRadiosChanged = true
        learning?.removeCandidate(on: link, at: address)
        learning?.look(at: port.now + port.configuration.discovery.lostAfter)
        tellLearned(cause, on: link, &port)
    }

    /// Tells the user that the peer is there, or what is new about it.
    private mutating func tellLearned(_ cause: EventCause, on link: LinkIdentifier, _ port: inout Port) {
        guard let learning else { return }
        let all = LinkSet(links.isEmpty ? learning.candidates.map(\.link) : links.map(\.identifier))
        if learning.isTold {
            port.tell(Event(.peerChanged, peer: mldAddress, link: link, cause: cause, links: all))
        } else {
            self.learning?.isTold = true
            port.tell(Event(.peerAppeared, peer: mldAddress, link: link, links: all))
        }
    }

    // MARK: Ends

    /// Forgets links and candidates of which nothing was heard for long.
    ///
    /// - Returns: the links that are gone, and whether the peer is: nothing is left of it, and no session with it.
    mutating func forgetSilent(_ port: inout Port) -> (gone: [PeerLink], isOver: Bool) {
        guard let due = learning?.nextLook, due <= port.now else { return ([], false) }
        let lostAfter = port.configuration.discovery.lostAfter
        var gone: [PeerLink] = []
        learning?.looked()
        learning?.removeExpiredCandidates(at: port.now)
        for index in links.indices.reversed() {
            let deadline = links[index].lossDeadline(lostAfter)
            if deadline <= port.now, !links[index].health.isUsable {
                gone.append(links.remove(at: index))
                port.peerRadiosChanged = true
            } else {
                learning?.look(at: max(deadline, port.now + Self.lookInterval))
            }
        }
        for candidate in learning?.candidates ?? [] { learning?.look(at: candidate.expires) }
        let isEmpty = links.isEmpty && learning?.candidates.isEmpty ?? true
        if isEmpty, !hasSessions { return (gone, true) }
        if isEmpty { learning?.look(at: port.now + Self.lookInterval) }
        for link in gone where learning?.isTold == true { tellLearned(.linkGone, on: link.identifier, &port) }
        return (gone, false)
    }

    /// How long until something is looked at again that stays though nothing is heard.
    private static let lookInterval = Duration.seconds(1)

    /// Nothing is heard of the peer any more. What waited for it is lost, and the user is told.
    mutating func vanish(_ port: inout Port) {
        if learning?.isTold == true { port.tell(Event(.peerVanished, peer: mldAddress)) }
        learning?.isTold = false
        learning?.isProved = false
        guard learning?.isConfigured != true else { return }
        for index in initiated.indices {
            let lost = initiated[index].window.removeAll(&port.store)
            guard lost > 0 else { continue }
            port.tell(initiated[index].event(.ended, context, cause: .peerGone, framesLost: lost))
        }
        initiated = []
    }
}
