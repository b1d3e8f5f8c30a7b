import IEEE80211

// Heartbeats: what keeps link health honest while nothing else is sent, and what brings to light that the two ends do not
// agree about a session (`ROL-2`): after a restart, or when a DELBA or a rebuild request was lost behind its acknowledgment.
extension Peer {
    mutating func sendHeartbeat(on index: Int, _ port: inout Port) {
        if port.isProtected(self.index) {
            guard prepareKeys(on: index, &port) else { return }
        }
        if links[index].reviewStation(at: port.now) { port.peerRadiosChanged = true }
        let link = links[index]
        let thresholds = port.configuration.health
        // A silent device says who it is to whom it speaks, until that answers.
        if port.configuration.discovery.mode == .listen, learning != nil, !link.health.isUsable {
            port.announce(on: link.identifier, to: link.address)
        }
        var flags: Heartbeat.Flags = link.health.isUsable ? .linkAlive : []
        let radio = port.radios[link.identifier]
        if radio?.acknowledgment == .mac { flags.insert(.radioAcknowledges) }
        let sessions = nextHeartbeatEntries()
        let interval: Duration =
            switch link.health {
            // Until the peer's agent answers in place of a radio that does not report.
            case .alive where link.reporting == .fails(isAnswered: false): thresholds.probeInterval
            case .alive: heartbeatInterval(port)
            // Probes do not wait for the fate of the one before: a link that is dead costs one time-out more, not one each.
            case .suspect: thresholds.probeInterval
            case .down, .unknown, .lost: thresholds.lostProbeInterval
            }
        let sender = link.isToSayWhoSends ? Self.ownLinks(port) : nil
        port.sendAction(.heartbeat, to: self.index, on: link) { number, acknowledgmentRequested in
            if acknowledgmentRequested { flags.insert(.acknowledgmentRequested) }
            let heartbeat = Heartbeat(
                flags: flags, transmission: number, interval: interval.timeUnits, sessions: sessions,
                receives: radio?.receives, sender: sender)
            return .vendorSpecific(PeerAction.heartbeat(heartbeat).action)
        }
        links[index].heartbeatSent(announcing: interval, at: port.now, next: port.random.jittered(interval))
    }

    /// How often links that are alive are tried: rarely when nothing has happened for long.
    func heartbeatInterval(_ port: Port) -> Duration {
        port.now < quietFrom
            ? port.configuration.health.heartbeatInterval : port.configuration.health.quietHeartbeatInterval
    }

    /// Something happens between the two devices: their links are to be known well again.
    mutating func stir(_ port: Port) {
        let wasQuiet = quietFrom <= port.now
        quietFrom = port.now + port.configuration.health.quietAfter
        guard wasQuiet else { return }
        for index in links.indices where links[index].health.isAlive {
            links[index].hasten(to: port.now + port.configuration.health.heartbeatInterval)
        }
    }

    /// The sessions to list, all of them or, when there are many, the next ones in turn.
    private mutating func nextHeartbeatEntries() -> [Heartbeat.Entry] {
        let usable = context.usableLinks
        let all = initiated.compactMap(\.heartbeatEntry) + received.compactMap { $0.heartbeatEntry(usable: usable) }
        guard all.count > Heartbeat.maximumSessions else { return all }
        let start = heartbeatCursor % all.count
        heartbeatCursor = start + Heartbeat.maximumSessions
        return (0..<Heartbeat.maximumSessions).map { all[(start + $0) % all.count] }
    }

    /// The peer counted rebuilds while nothing of it arrived.
    mutating func learnRebuildNumbers(_ heartbeat: Heartbeat) {
        for entry in heartbeat.sessions {
            switch entry.role {
            case .initiator:
                if let index = received.firstIndex(where: { $0.identifier == entry.session }) {
                    received[index].order.peerCounted(to: entry.rebuildNumber)
                }
            case .receiver:
                if let index = initiated.firstIndex(where: { $0.identifier == entry.session }) {
                    initiated[index].order.peerCounted(to: entry.rebuildNumber)
                }
            }
        }
    }

    mutating func heartbeatReceived(_ heartbeat: Heartbeat, on index: Int, _ port: inout Port) {
        if let sender = heartbeat.sender { compare(sender, &port) }
        let wasUsed = links[index].peerUsesIt
        if links[index].heard(heartbeat, at: port.now) { port.peerRadiosChanged = true }
        if !wasUsed, links[index].peerUsesIt { linkMayBeUsable(&port) }
        guard isNewest(heartbeat, port) else {
            port.counters.stale += 1
            return
        }
        var unknown = 0
        for entry in heartbeat.sessions {
            let isKnown =
                switch entry.role {
                case .initiator: peerInitiated(entry, heartbeat.transmission, on: links[index].identifier, &port)
                case .receiver: peerReceived(entry, &port)
                }
            guard !isKnown else { continue }
            unknown += 1
            guard unknown <= Self.unknownSessionsAnswered else { continue }
            // TID 0 stands for a TID that is not known: the session element names the session.
            send(
                unknownSession(entry.session, role: entry.role == .initiator ? .receiver : .initiator), tries: 0, &port)
        }
    }

    /// Whether nothing newer is known of the peer's sessions. Who carries frames between two devices with a key can hold one back
    /// and deliver it when what it says is long over. Without a key it could be forged as well, and a peer that starts again
    /// counts from anywhere.
    private mutating func isNewest(_ heartbeat: Heartbeat, _ port: Port) -> Bool {
        guard port.isProtected(self.index) else { return true }
        // How it compares with those under the current keys nobody knows.
        guard !isHeardUnderOldKeys else { return false }
        if let newestHeartbeat, newestHeartbeat.distance(to: heartbeat.transmission) < 0 { return false }
        newestHeartbeat = heartbeat.transmission
        return true
    }

    /// How many sessions that are not known here one heartbeat is answered for; the others are listed again in the next.
    static let unknownSessionsAnswered = 8

    /// The peer holds a session as its initiator.
    ///
    /// - Returns: whether it is known here.
    private mutating func peerInitiated(
        _ entry: Heartbeat.Entry, _ transmission: TransmissionNumber, on link: LinkIdentifier, _ port: inout Port
    ) -> Bool {
        guard let index = received.firstIndex(where: { $0.identifier == entry.session }) else { return false }
        if entry.isLive {
            // Where the initiator says that it lives, not where the news came.
            let lives = entry.links.first.flatMap(context.link)?.identifier ?? link
            received[index].initiatorIsLive(on: lives, context, &port)
            received[index].adoptLinks(of: entry, transmission, context, &port)
        }
        return true
    }

    /// The peer holds a session as its receiver.
    ///
    /// - Returns: whether it is known here.
    private mutating func peerReceived(_ entry: Heartbeat.Entry, _ port: inout Port) -> Bool {
        guard let index = initiated.firstIndex(where: { $0.identifier == entry.session }) else { return false }
        if entry.isLive {
            if entry.rebuildNumber == initiated[index].order.number {
                initiated[index].confirmRebuild(context, &port)
            }
            initiated[index].adoptRebuild(of: entry, context, &port)
            initiated[index].peerLists(entry.links, rebuildNumber: entry.rebuildNumber, context, &port)
        } else {
            initiated[index].peerInterrupted(entry, context, &port)
        }
        maySend = true
        return true
    }

    private func unknownSession(_ session: SessionIdentifier, role: SessionRole) -> Ending {
        endedByUser(session)
            ?? Ending(
                session: session, tid: .bestEffort, role: role, standardReason: .unknownBlockAck,
                reason: isEnded(session) ? .sessionDropped : .unknownSession)
    }
}

extension InitiatedSession {
    /// How the session stands in a heartbeat; `nil` when the peer need not know it.
    var heartbeatEntry: Heartbeat.Entry? {
        switch state {
        case .idle, .requesting: nil
        // A request has its number by now, and perhaps overtakes what would be said of the links before it.
        case .live(let live) where live.sharing != nil: nil
        case .live(let live): entry(isLive: true, live.links)
        case .interrupted, .rebuilding: entry(isLive: false)
        }
    }

    private func entry(isLive: Bool, _ links: LinkSet = []) -> Heartbeat.Entry {
        Heartbeat.Entry(
            session: identifier, rebuildNumber: order.number, role: .initiator, isLive: isLive, links: links)
    }
}

extension ReceivedSession {
    /// How the session stands in a heartbeat; `nil` while the initiator may not know it yet.
    ///
    /// - Parameter usable: the links of the peer that work here. The others of the session are not listed, so that the initiator
    ///   leaves them out, too.
    func heartbeatEntry(usable: LinkSet) -> Heartbeat.Entry? {
        switch state {
        case .responding: return nil
        case .live(let live):
            let listed = live.links.intersection(usable)
            return entry(isLive: true, listed.isEmpty ? live.links : listed)
        case .interrupted, .rebuilding: return entry(isLive: false)
        }
    }

    private func entry(isLive: Bool, _ links: LinkSet = []) -> Heartbeat.Entry {
        Heartbeat.Entry(
            session: identifier, rebuildNumber: order.number, role: .receiver, isLive: isLive, links: links)
    }
}
