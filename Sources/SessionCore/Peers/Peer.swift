import DequeModule
import IEEE80211

/// A session that ended.
struct Ended {
    let session: SessionIdentifier
    /// The DELBA, where a user ended it.
    let ending: Ending?
}

/// One peer: the links to it and the sessions with it, in both roles (`ROL-1`). It passes each input on to what it concerns.
struct Peer {
    /// The peer's place in the engine.
    let index: Int
    let mldAddress: MACAddress
    /// By link ID.
    var links: [PeerLink]
    var initiated: [InitiatedSession] = []
    var received: [ReceivedSession] = []
    /// Sessions that ended, oldest first: late frames must not revive them (`REB-8`).
    private(set) var ended: Deque<Ended> = []
    /// When nothing will have happened for so long that heartbeats slow down.
    var quietFrom: MonotonicInstant
    /// The first session of the next heartbeat's list.
    var heartbeatCursor = 0
    /// The newest heartbeat under the current keys.
    var newestHeartbeat: TransmissionNumber?
    /// Whether the frame at hand came under the keys before.
    var isHeardUnderOldKeys = false
    /// Whether payloads may be sent that could not be before.
    var maySend = false
    /// When the host last had a payload for it, and how many of these were not accepted.
    private(set) var accepted: MonotonicInstant?
    private(set) var refusedPayloads = 0
    /// What is learned of its links; `nil` for a peer whose links are configured.
    var learning: Learning?

    init(index: Int, configuration: PeerConfiguration, port: inout Port) {
        self.index = index
        mldAddress = configuration.mldAddress
        quietFrom = port.now + port.configuration.health.quietAfter
        links = configuration.links.sorted { $0.key < $1.key }.map { PeerLink(identifier: $0.key, address: $0.value) }
        for tid in configuration.sessions { want(tid, &port) }
    }

    var context: PeerContext { PeerContext(index: index, mldAddress: mldAddress, links: links) }

    // MARK: Sessions that are wanted

    /// Wants a session with this TID from now on, if there is none yet.
    mutating func want(_ tid: TrafficIdentifier, _ port: inout Port) {
        wake(&port)
        guard !initiated.contains(where: { $0.tid == tid }) else { return }
        initiated.append(InitiatedSession(tid: tid, port: &port))
        initiated[initiated.count - 1].linkMayBeUsable(context, &port)
    }

    /// Takes a payload of the host. Its TID's session is wanted from now on; beyond the limit, that of TID 0 carries it.
    mutating func accept(_ payload: Span<UInt8>, tid: TrafficIdentifier, _ port: inout Port) {
        if initiated.count < port.configuration.limits.sessionsPerPeer { want(tid, &port) }
        let index = initiated.firstIndex { $0.tid == tid } ?? initiated.firstIndex { $0.tid == .bestEffort }
        accepted = port.now
        maySend = true
        guard let index, initiated[index].accept(payload, &port) else {
            port.counters.refusedPayloads += 1
            refusedPayloads += 1
            return
        }
        stir(port)
    }

    /// Lets a session live on further links (`SHR-1`).
    ///
    /// - Returns: whether the session is one that this device initiated.
    mutating func share(_ session: SessionIdentifier, on links: LinkSet, _ port: inout Port) -> Bool {
        guard let index = initiated.firstIndex(where: { $0.identifier == session }) else { return false }
        initiated[index].share(on: links, context, &port)
        return true
    }

    // MARK: Ends

    /// The user ends a session; it is not wanted any more (`ROL-2`).
    ///
    /// - Returns: whether the session is this peer's.
    mutating func close(_ session: SessionIdentifier, _ port: inout Port) -> Bool {
        if let index = initiated.firstIndex(where: { $0.identifier == session }) {
            endInitiated(at: index, cause: .userRequest, reason: .endBlockAck, &port)
        } else if let index = received.firstIndex(where: { $0.identifier == session }) {
            endReceived(at: index, cause: .userRequest, reason: .endBlockAck, &port)
        } else {
            return false
        }
        return true
    }

    /// Ends all sessions: the agent stops.
    mutating func shutDown(_ port: inout Port) {
        while !initiated.isEmpty { endInitiated(at: 0, cause: .userRequest, reason: .leaving, &port) }
        while !received.isEmpty { endReceived(at: 0, cause: .userRequest, reason: .leaving, &port) }
    }

    private mutating func endInitiated(at index: Int, cause: EventCause, reason: ReasonCode, _ port: inout Port) {
        maySend = true
        var session = initiated.remove(at: index)
        let lost = session.window.removeAll(&port.store) + session.givenUp.count
        if session.isAgreed || lost > 0 { port.tell(session.event(.ended, context, cause: cause, framesLost: lost)) }
        if session.isAgreed { conclude(session.ending(reason), &port) }
    }

    private mutating func endReceived(at index: Int, cause: EventCause, reason: ReasonCode, _ port: inout Port) {
        var session = received.remove(at: index)
        let lost = session.removePayloads(&port)
        port.tell(session.event(.ended, context, cause: cause, framesLost: lost))
        conclude(session.ending(reason), &port)
    }

    /// Remembers a session that ended, and tells the peer.
    mutating func conclude(_ ending: Ending, _ port: inout Port) {
        // A user's end is said again when the peer still has the session (`ROL-2`).
        let isByUser = ending.standardReason == .endBlockAck && ending.reason == .unspecified
        bury(ending.session, isByUser ? ending : nil, port)
        send(ending, tries: 0, &port)
    }

    mutating func bury(_ session: SessionIdentifier, _ port: Port) { bury(session, nil, port) }

    private mutating func bury(_ session: SessionIdentifier, _ ending: Ending?, _ port: Port) {
        ended.append(Ended(session: session, ending: ending))
        if ended.count > port.configuration.limits.endedSessions { ended.removeFirst() }
    }

    /// True if a session ended not long ago.
    func isEnded(_ session: SessionIdentifier) -> Bool { ended.contains { $0.session == session } }

    /// The DELBA of a session that a user ended here.
    func endedByUser(_ session: SessionIdentifier) -> Ending? {
        ended.first { $0.session == session }?.ending
    }

    /// Sends a DELBA on the best link; without one, the heartbeats will bring the difference to light.
    func send(_ ending: Ending, tries: Int, _ port: inout Port) {
        guard tries < port.configuration.session.triesPerLink * 2, let link = context.bestLink(port) else { return }
        port.sendAction(.end(ending, tries: tries + 1), to: index, on: link) { number, acknowledgmentRequested in
            let element = SessionElement(
                flags: acknowledgmentRequested ? .acknowledgmentRequested : [], reason: ending.reason,
                transmission: number, session: ending.session)
            return .deleteBlockAck(
                DeleteBlockAck(
                    initiator: ending.role == .initiator, tid: ending.tid.rawValue, reason: ending.standardReason,
                    elements: [element.element]))
        }
    }

    // MARK: Links

    mutating func radioUp(_ link: LinkIdentifier, _ port: inout Port) {
        guard let index = links.firstIndex(where: { $0.identifier == link }) else { return }
        links[index].radioUp(at: port.now)
    }

    mutating func radioDown(_ link: LinkIdentifier, _ cause: LinkDownCause, _ port: inout Port) {
        guard let index = links.firstIndex(where: { $0.identifier == link }) else { return }
        react(to: links[index].radioDown(cause), on: index, &port)
    }

    /// Something from the peer's agent arrived on a link.
    mutating func heard(on index: Int, _ port: inout Port) {
        links[index].signal.add(port.signal)
        // Nothing changes by that, and nearly all frames come so.
        if links[index].heardWhileAlive(at: port.now) { return }
        let wasCandidate = links[index].isCandidate(at: port.now, port.configuration.health)
        react(to: links[index].heard(at: port.now, port.configuration.health), on: index, &port)
        if !wasCandidate && links[index].isCandidate(at: port.now, port.configuration.health) { linkMayBeUsable(&port) }
    }

    /// What became of a transmission, for the link it went over.
    mutating func linkReported(_ transmission: Transmission, acknowledged: Bool, _ port: inout Port) {
        guard transmission.speaksForLink,
            let index = links.firstIndex(where: { $0.identifier == transmission.link })
        else { return }
        if acknowledged {
            // Not later than the peer was told to expect the next one.
            let longest = max(port.configuration.health.heartbeatInterval, links[index].announcedInterval)
            var interval: Duration? = port.random.jittered(min(heartbeatInterval(port), longest))
            // Answers that somebody asks for by recorded requests must not take the place of what the peer counts as heard.
            if case .handshake = transmission.purpose { interval = nil }
            let change = links[index].acknowledged(
                sent: transmission.sent, at: port.now, interval: interval, port.configuration.health)
            if let change { react(to: change, on: index, &port) }
        } else {
            let change = links[index].notAcknowledged(
                from: transmission.source, at: port.now, port.configuration.health)
            react(to: change, on: index, &port)
            if links[index].deliveryRatio < port.configuration.session.sharingRatio { linkIsWorse(&port) }
        }
    }

    /// A link has become bad: sessions may want another one, too (`SHR-4`).
    private mutating func linkIsWorse(_ port: inout Port) {
        guard port.configuration.session.sharing == .whenWorse else { return }
        for session in initiated.indices {
            guard case .live(let live) = initiated[session].state else { continue }
            initiated[session].shareByPolicy(live, context, &port)
        }
    }

    mutating func react(to change: LinkHealth.Change?, on index: Int, _ port: inout Port) {
        let link = links[index].identifier
        if change != nil {
            stir(port)
            maySend = true
        }
        switch change {
        case nil: break
        case .becameAlive:
            if links[index].doubtEnded() { port.tell(Event(.linkAlive, peer: mldAddress, link: link)) }
            for session in initiated.indices { initiated[session].doubtIsOver(about: link, context, port) }
            linkMayBeUsable(&port)
        case .becameSuspect:
            if links[index].doubtBegan(at: port.now) {
                port.tell(Event(.linkSuspect, peer: mldAddress, link: link))
            }
        case .becameLost(let cause, let elapsed):
            port.log.forget(peer: self.index, link: link)
            links[index].pace.forget(at: port.now)
            _ = links[index].doubtEnded()
            port.tell(Event(.linkLost, peer: mldAddress, link: link, cause: cause, elapsed: elapsed))
            sessionsLose(link, cause, &port)
        }
    }

    /// The sessions learn that a link is lost, and with it whatever was on its way there.
    mutating func sessionsLose(_ link: LinkIdentifier, _ cause: EventCause, _ port: inout Port) {
        for session in initiated.indices { initiated[session].linkLost(link, cause, context, &port) }
        var over: [SessionIdentifier] = []
        for session in received.indices where received[session].linkLost(link, cause, context, &port) {
            over.append(received[session].identifier)
        }
        for session in over { bury(session, port) }
        received.removeAll { over.contains($0.identifier) }
    }

    /// A session request got through on a link that was out of use: the hysteresis is over, for a session will live on it.
    mutating func sessionReturns(to link: LinkIdentifier, _ port: inout Port) {
        guard let index = links.firstIndex(where: { $0.identifier == link }) else { return }
        react(to: links[index].sessionReturns(at: port.now, port.configuration.health), on: index, &port)
    }

    mutating func linkMayBeUsable(_ port: inout Port) {
        for session in initiated.indices { initiated[session].linkMayBeUsable(context, &port) }
        for session in received.indices { received[session].linkMayBeUsable(context, &port) }
    }

    // MARK: Fates

    /// A transmission was acknowledged, in time or late. Late, it was taken for lost, and all that followed from that stands;
    /// but the link works, and is slower than thought.
    mutating func acknowledged(
        _ number: TransmissionNumber, on link: LinkIdentifier, from source: AcknowledgmentSource, _ port: inout Port
    ) {
        guard let (transmission, isLate) = port.log.take(number, on: link, from: source) else { return }
        reported(transmission, isLate: isLate, acknowledged: true, &port)
    }

    /// A report or an acknowledgment came, in time or late. One that is late speaks for the link all the same, and says whether to
    /// send a payload again.
    mutating func reported(_ transmission: Transmission, isLate: Bool, acknowledged: Bool, _ port: inout Port) {
        if !isLate { return resolve(transmission, acknowledged: acknowledged, &port) }
        linkReported(transmission, acknowledged: acknowledged, &port)
        guard !acknowledged, case .payload = transmission.purpose else { return }
        followUp(transmission, acknowledged: false, &port)
        maySend = true
    }

    /// The radio reports on what was sent on a link.
    mutating func reportCame(on link: LinkIdentifier) {
        guard let index = links.firstIndex(where: { $0.identifier == link }) else { return }
        links[index].reportCame()
    }

    /// Nothing came in time. Where the peer's agent was to answer, that is a failure. Where the radio was to report, nothing is known
    /// (`ACK-1`): the link is as good as before, payloads are left to block acknowledgments, and session frames are sent again.
    mutating func overdue(_ transmission: Transmission, _ port: inout Port) {
        guard transmission.source == .mac else { return resolve(transmission, acknowledged: false, &port) }
        paceReported(transmission, acknowledged: false, port)
        if let index = links.firstIndex(where: { $0.identifier == transmission.link }) {
            links[index].reportIsMissing(at: port.now, port.configuration.health)
        }
        if case .payload = transmission.purpose { return }
        followUp(transmission, acknowledged: false, &port)
    }

    /// The fate of a transmission is known: from the TX status, from a session acknowledgment, or because none came in time.
    private mutating func resolve(_ transmission: Transmission, acknowledged: Bool, _ port: inout Port) {
        paceReported(transmission, acknowledged: acknowledged, port)
        if acknowledged || !isKnownToFail(transmission) {
            linkReported(transmission, acknowledged: acknowledged, &port)
        }
        followUp(transmission, acknowledged: acknowledged, &port)
    }

    /// The consequences of the fate of a transmission for what it was sent for.
    private mutating func followUp(_ transmission: Transmission, acknowledged: Bool, _ port: inout Port) {
        switch transmission.purpose {
        case .heartbeat, .unacknowledged, .handshake: break
        case .request(let session):
            if acknowledged { sessionReturns(to: transmission.link, &port) }
            if let index = initiated.firstIndex(where: { $0.identifier == session }) {
                initiated[index].requestReported(transmission, acknowledged: acknowledged, context, &port)
            } else if let index = received.firstIndex(where: { $0.identifier == session }) {
                received[index].requestReported(transmission, acknowledged: acknowledged, context, &port)
            }
            maySend = true
        case .response(let session):
            guard let index = received.firstIndex(where: { $0.identifier == session }) else { return }
            received[index].responseReported(transmission, acknowledged: acknowledged, context, &port)
        case .end(let ending, let tries): if !acknowledged { send(ending, tries: tries, &port) }
        case .payload(let session, let sequence, _, _):
            guard !acknowledged, let index = initiated.firstIndex(where: { $0.identifier == session }) else { return }
            initiated[index].payloadLost(sequence, transmission.number, context, &port)
        }
    }

    /// True if a transmission is of a payload as long as those that are known not to get through on its link. Its failure says
    /// nothing new, and nothing about shorter frames (`PRG-5`).
    func isKnownToFail(_ transmission: Transmission) -> Bool {
        guard case .payload(let session, let sequence, _, _) = transmission.purpose,
            let index = initiated.firstIndex(where: { $0.identifier == session })
        else { return false }
        return initiated[index].isKnownToFail(sequence, on: transmission.link)
    }

    // MARK: Time

    mutating func deadlineReached(_ port: inout Port) {
        for index in links.indices {
            react(to: links[index].silent(port.configuration.health, at: port.now), on: index, &port)
            if let next = links[index].nextHeartbeat, next <= port.now { sendHeartbeat(on: index, &port) }
        }
        maySend = true
        for index in initiated.indices.reversed() {
            if let ending = initiated[index].deadlineReached(context, &port) {
                initiated.remove(at: index)
                conclude(ending, &port)
            }
        }
        for index in received.indices.reversed() {
            if let ending = received[index].deadlineReached(context, &port) {
                received.remove(at: index)
                conclude(ending, &port)
            }
        }
    }

    /// When something is due.
    func addDeadlines(to earliest: inout EarliestDeadline, _ port: Port) {
        earliest.consider(learning?.nextLook, .discovery)
        for index in links.indices {
            earliest.consider(links[index].nextHeartbeat, .heartbeat)
            earliest.consider(links[index].silenceDeadline(port.configuration.health), .silence)
        }
        for index in initiated.indices { initiated[index].addDeadlines(to: &earliest, context, port) }
        for index in received.indices { received[index].addDeadlines(to: &earliest, port) }
    }
}
