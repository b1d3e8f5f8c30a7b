import IEEE80211

// Which payload goes out next, and on which link (`SHR-2`).
extension Peer {
    /// The order in which sessions have their turn: the access categories voice, video, best effort, background (IEEE Std
    /// 802.11-2020, table 10-1), in each the higher priority first.
    private static let order: [8 of Int] = [7, 6, 5, 4, 3, 0, 2, 1]

    /// How many payloads follow a rebuild request at once: more would hold up the one frame whose acknowledgment counts.
    private static let payloadsBehindRequest = 2

    /// Sends what may be sent. A link in doubt is left to the probes: they tell sooner, and burn no payloads.
    mutating func sendPayloads(_ port: inout Port) {
        guard maySend else { return }
        maySend = false
        defer { settle(&port) }
        guard initiated.count != 1 else { return sendPayloads(of: 0, &port) }
        var sessions: [8 of Int?] = .init(repeating: nil)
        for index in initiated.indices { sessions[Int(initiated[index].tid.rawValue)] = index }
        for place in Self.order.indices {
            let tid = Self.order[place]
            if let index = sessions[tid] { sendPayloads(of: index, &port) }
        }
    }

    private mutating func sendPayloads(of session: Int, _ port: inout Port) {
        guard initiated[session].window.mayHaveNext else { return }
        let usable = withoutGivenUp(initiated[session].sendingLinks)
        guard !usable.isEmpty else { return }
        let isBehindRequest = if case .rebuilding = initiated[session].state { true } else { false }
        let isMirrored = usable.count > 1 && port.isMirrored(initiated[session].tid)
        while let link = linkForPayload(
            avoiding(initiated[session].window.linkToAvoid(), usable), backlog: initiated[session].window.unsent, port),
            !isBehindRequest || links[link].pace.inFlight < Self.payloadsBehindRequest,
            let next = initiated[session].nextToSend(&port)
        {
            guard let number = send(next, of: session, on: link, isMirrored: isMirrored, &port) else { return }
            if isMirrored { mirror(next, of: session, usable, besides: link, &port) }
            initiated[session].payloadSent(number, on: links[link].identifier, port)
        }
    }

    /// The links but those that the peer has given up, unless it is all of them.
    private func withoutGivenUp(_ links: LinkSet) -> LinkSet {
        guard links.count > 1 else { return links }
        let rest = links.filter { !(link($0)?.peerHasGivenUp ?? true) }
        return rest.isEmpty ? links : LinkSet(rest)
    }

    /// The links but one, unless none of the others is alive: what is sent again goes elsewhere (`PRG-3`).
    private func avoiding(_ link: LinkIdentifier?, _ links: LinkSet) -> LinkSet {
        guard let link, links.count > 1, links.contains(link) else { return links }
        let rest = links.removing(link)
        return rest.contains { self.link($0)?.health.isAlive ?? false } ? rest : links
    }

    private func link(_ identifier: LinkIdentifier) -> PeerLink? { links.first { $0.identifier == identifier } }

    private mutating func send(
        _ next: OriginatorWindow.Next, of session: Int, on link: Int, isMirrored: Bool, _ port: inout Port
    ) -> TransmissionNumber? {
        let number = port.sendPayload(
            next, of: initiated[session].identifier, tid: initiated[session].tid, to: index, on: &links[link],
            isMirrored: isMirrored)
        if number != nil { links[link].pace.sent(at: port.now) }
        return number
    }

    /// Sends a payload on the other links of its session, too.
    private mutating func mirror(
        _ next: OriginatorWindow.Next, of session: Int, _ usable: LinkSet, besides sent: Int, _ port: inout Port
    ) {
        for link in links.indices where link != sent && usable.contains(links[link].identifier) {
            if links[link].health.isAlive, hasRoom(on: link, port) {
                _ = send(next, of: session, on: link, isMirrored: true, &port)
            }
        }
    }

    /// The link on which the next payload arrives first. A slower one is used when it has room and is still earlier than half of
    /// what the fastest has before it, so that it never drags the fast one down (earliest completion first: Lim et al., CoNEXT 2017).
    ///
    /// - Parameter backlog: how many payloads wait.
    private func linkForPayload(_ usable: LinkSet, backlog: Int, _ port: Port) -> Int? {
        // Mostly there is no room, or no choice, and then nothing has to be forecast.
        var alive = 0
        var withRoom: Int?
        for link in links.indices where usable.contains(links[link].identifier) && links[link].health.isAlive {
            alive += 1
            if hasRoom(on: link, port) { withRoom = link }
        }
        guard withRoom != nil, alive > 1 else { return withRoom }
        var fastest: (link: Int, time: Double)?
        var free: (link: Int, time: Double)?
        for link in links.indices where usable.contains(links[link].identifier) && links[link].health.isAlive {
            let time = links[link].pace.expectedTime(at: port.now)
            if fastest.map({ time < $0.time }) ?? true { fastest = (link, time) }
            if hasRoom(on: link, port), free.map({ time < $0.time }) ?? true { free = (link, time) }
        }
        guard let fastest, let free, free.link != fastest.link else { return free?.link }
        return free.time <= links[fastest.link].pace.patience(backlog: backlog, at: port.now) ? free.link : nil
    }

    private func hasRoom(on link: Int, _ port: Port) -> Bool {
        links[link].pace.hasRoom(atMost: port.mostInFlight(on: links[link]))
    }

    /// What became of a payload's transmission, for how much may be on its way.
    mutating func paceReported(_ transmission: Transmission, acknowledged: Bool, _ port: Port) {
        guard case .payload(_, _, let reading, _) = transmission.purpose,
            let link = links.firstIndex(where: { $0.identifier == transmission.link })
        else { return }
        if acknowledged {
            links[link].pace.acknowledged(sent: transmission.sent, reading, at: port.now)
        } else {
            links[link].pace.notAcknowledged(at: port.now)
        }
        maySend = true
    }

    /// A block acknowledgment came. Where acknowledgments come in frames it is that of the payloads, and speaks for the links they
    /// went over.
    mutating func blockAcknowledged(
        _ acknowledgment: BlockAcknowledgment, on link: LinkIdentifier, _ port: inout Port
    ) {
        guard let session = initiated.firstIndex(where: { $0.identifier == acknowledgment.session }) else {
            port.counters.stale += 1
            return
        }
        port.fates.removeAll(keepingCapacity: true)
        var fates = port.fates
        port.fates = []
        initiated[session].blockAcknowledged(acknowledgment, on: link, context, &port) {
            fates.append(Port.Fate(sending: $0, arrived: $1))
        }
        for fate in fates {
            guard let (transmission, isLate) = port.log.take(fate.sending.number, on: fate.sending.link, from: .frame)
            else {
                continue
            }
            if !isLate { paceReported(transmission, acknowledged: fate.arrived, port) }
            if fate.arrived || !isKnownToFail(transmission) {
                linkReported(transmission, acknowledged: fate.arrived, &port)
            }
        }
        port.fates = fates
        maySend = true
    }
}
