import DequeModule
import IEEE80211
import LinkSecurity

/// The protocol: peers, sessions, link health, timers. Pure: it reads no clock, draws no randomness but from its seed
/// and the secrets it is handed, and does no I/O; the same inputs give the same outputs, byte for byte.
///
/// How to drive it: hand it one input with `handle(_:now:)`, drain `nextOutput()` until it gives `nil`, do what the outputs say in
/// their order, then read `nextDeadline`. When that has come, hand in `Input.deadlineReached`; until then wait for the next input.
/// Time must not run backwards.
///
/// What comes with every frame has a door beside these in which nothing is copied into memory of its own: `frameReceived`,
/// `transmissionReported`, `accept` and `drain(into:)`. Both doors do the same.
public struct Engine {
    var port: Port
    var peers: [Peer]
    var owners: RadioOwners
    /// Devices that are not configured.
    var discovery = Discovery()

    /// Makes an engine without links; they come as inputs.
    ///
    /// - Parameters:
    ///   - seed: where all its randomness comes from but for secrets. A live agent draws it at random.
    ///   - secrets: where all secrets of handshakes come from; peers with a key need it. A live agent makes it from 32 octets of
    ///     the system's generator, and hands it to nobody else: whoever has it has all keys of this engine.
    public init(configuration: EngineConfiguration, seed: UInt64, secrets: SecretGenerator? = nil) {
        precondition(secrets != nil || !configuration.usesKeys, "peers with a key need secrets")
        var port = Port(configuration: configuration, seed: seed, secrets: secrets)
        var owners = RadioOwners()
        var peers: [Peer] = []
        for (index, peer) in configuration.peers.enumerated() {
            peers.append(Peer(index: index, configuration: peer, port: &port))
            if peer.links.isEmpty, configuration.discovery.mode != .off {
                let isDormant = configuration.discovery.mode == .listen && peer.sessions.isEmpty
                peers[index].learning = Learning(isConfigured: true, isDormant: isDormant, since: port.now)
            }
            for (link, address) in peer.links { owners[link, address] = index }
        }
        self.port = port
        self.peers = peers
        self.owners = owners
    }

    /// Takes in what happened at the instant `now`.
    public mutating func handle(_ input: Input, now: MonotonicInstant) {
        switch input {
        case .frameReceived(let link, let mpdu, let signal):
            frameReceived(mpdu.span, on: link, signal: signal, now: now)
            return
        case .payload(let payload, let peer, let tid):
            accept(payload.span, for: peer, tid: tid, now: now)
            return
        case .transmissionReported(let link, let number, let acknowledged):
            transmissionReported(number, on: link, acknowledged: acknowledged, now: now)
            return
        case .linkUp, .linkDown, .command, .deadlineReached: break
        }
        port.now = now
        switch input {
        case .frameReceived, .payload, .transmissionReported: break
        case .linkUp(let link, let properties):
            let isNew = port.radios[link] == nil
            port.radios[link] = properties
            if isNew { port.tell(Event(.linkUp, link: link)) }
            port.beginAnnouncing(on: link)
            for index in peers.indices { peers[index].radioUp(link, &port) }
        case .linkDown(let link, let cause):
            guard port.radios[link] != nil else { break }
            port.radios[link] = nil
            port.tell(Event(.linkDown, link: link, cause: .radio(cause)))
            port.announcer.set(link, nil)
            for index in peers.indices { peers[index].radioDown(link, cause, &port) }
        case .command(let command): handle(command)
        case .deadlineReached: deadlineReached()
        }
        finish()
    }

    /// A radio received a frame; see `Input.frameReceived`.
    ///
    /// - Returns: whether it carries an intact payload. Its octets decide nothing: recordings need no more than their number.
    @discardableResult public mutating func frameReceived(
        _ mpdu: Span<UInt8>, on link: LinkIdentifier, signal: Int8?, now: MonotonicInstant
    ) -> Bool {
        port.now = now
        port.signal = signal
        let carriesPayload = frameReceived(mpdu, on: link)
        finish()
        return carriesPayload
    }

    /// A radio tells what became of a frame; see `Input.transmissionReported`.
    public mutating func transmissionReported(
        _ number: TransmissionNumber, on link: LinkIdentifier, acknowledged: Bool, now: MonotonicInstant
    ) {
        port.now = now
        if let (transmission, isLate) = port.log.take(number, on: link, from: .mac) {
            peers[transmission.peer].reportCame(on: link)
            peers[transmission.peer].reported(transmission, isLate: isLate, acknowledged: acknowledged, &port)
        } else if let peer = port.log.peer(of: number, on: link) {
            peers[peer].reportCame(on: link)
        }
        finish()
    }

    /// The host hands over a payload for a peer; see `Input.payload`.
    public mutating func accept(
        _ payload: Span<UInt8>, for peer: MACAddress, tid: TrafficIdentifier, now: MonotonicInstant
    ) {
        port.now = now
        if let index = index(of: peer) {
            peers[index].accept(payload, tid: tid, &port)
        } else {
            port.counters.refusedPayloads += 1
        }
        finish()
    }

    /// What to do next; `nil` when all is said until the next input.
    public mutating func nextOutput() -> Output? {
        var collector = OutputCollector()
        while collector.output == nil, drainOne(into: &collector) {}
        return collector.output
    }

    /// Has everything done that is to be done, in its order.
    public mutating func drain(into sink: inout some OutputSink) {
        while drainOne(into: &sink) {}
    }

    private mutating func drainOne(into sink: inout some OutputSink) -> Bool {
        switch port.nextPending() {
        case nil: return false
        case .output:
            switch port.nextOutput() {
            case .transmit(let link, let number, let mpdu): sink.transmit(mpdu.span, number: number, on: link)
            case .deliver(let payload, let peer, let tid): sink.deliver(payload.span, from: peer, tid: tid)
            case .event(let event): sink.tell(event)
            }
        case .payload(let transmission):
            // It may have been given up while it waited here.
            guard port.store.contains(transmission.payload) else { break }
            defer { if transmission.header.isProbe { port.store.remove(transmission.payload) } }
            if port.isProtected(transmission.peer) {
                port.store.withSealedFrame(
                    around: transmission.payload, by: &port.protections[transmission.peer],
                    build: transmission.writeProtected(around:)
                ) { mpdu in
                    sink.transmit(mpdu, number: transmission.header.transmission, on: transmission.link)
                }
                break
            }
            port.store.withFrame(
                around: transmission.payload, before: PayloadTransmission.headerLength,
                after: PayloadHeader.checkLength,
                build: transmission.write(around:)
            ) { mpdu in
                sink.transmit(mpdu, number: transmission.header.transmission, on: transmission.link)
            }
        case .delivery(let payload, let peer, let tid):
            port.store.withPayload(payload) { sink.deliver($0, from: peer, tid: tid) }
            port.store.remove(payload)
        }
        return true
    }

    /// When to hand in `Input.deadlineReached`, unless another input comes first; `nil` waits for inputs only.
    public var nextDeadline: Deadline? {
        var earliest = EarliestDeadline()
        earliest.consider(port.log.nextDeadline, .acknowledgment)
        earliest.consider(port.announcer.nextDeadline, .announcement)
        for index in peers.indices { peers[index].addDeadlines(to: &earliest, port) }
        return earliest.deadline
    }

    private mutating func deadlineReached() {
        while let overdue = port.log.nextOverdue(at: port.now) {
            peers[overdue.peer].overdue(overdue, &port)
        }
        for index in peers.indices { peers[index].deadlineReached(&port) }
        port.announceWhereDue()
        forgetSilentPeers()
    }

    /// What every input ends with: payloads that may be sent now are sent.
    private mutating func finish() {
        for index in peers.indices { peers[index].sendPayloads(&port) }
    }

    /// True if every peer that the host has traffic for holds nearly as much as it may, so that the host should wait (`QUE-1`).
    public var isFull: Bool {
        port.ledger.makesHostWait(isOnlyPeer: peers.count(where: { !$0.isVacant }) == 1, at: port.now)
    }

    /// Whether `deadlineReached` would judge a link for its silence.
    public func judgesSilence(at now: MonotonicInstant) -> Bool {
        for peer in peers.indices {
            for link in peers[peer].links.indices {
                let deadline = peers[peer].links[link].silenceDeadline(port.configuration.health)
                if let deadline, deadline <= now { return true }
            }
        }
        return false
    }

    /// Whether a payload handed over now has a way to a peer, or will have one again soon.
    public var canCarryPayloads: Bool {
        for peer in peers where peer.isListed && peer.canCarryPayloads { return true }
        return false
    }

    /// The MLD addresses of all peers, configured or discovered.
    public var knownPeers: [MACAddress] { peers.filter(\.isListed).map(\.mldAddress) }

    /// Frames and payloads that changed nothing.
    public var counters: EngineCounters {
        var counters = port.counters
        for protection in port.protections {
            if let protection { counters.security = counters.security + protection.refusals }
        }
        return counters
    }

    /// A snapshot for people and scripts.
    public func status() -> EngineStatus {
        EngineStatus(
            peers: peers.filter(\.isListed).map { $0.status(port) }, sessions: peers.flatMap(\.sessionStatus),
            counters: counters)
    }

    // MARK: Key log

    /// Keeps all keys of frames from now on for `takeLoggedKeys`. For tests and for finding faults: it undoes forward secrecy.
    public mutating func beginKeyLog() {
        port.logsKeys = true
        for index in port.protections.indices { port.protections[index]?.beginKeyLog() }
    }

    /// Takes the keys that came since the last time, if there is a key log.
    public mutating func takeLoggedKeys() -> [LoggedKey] {
        var keys: [LoggedKey] = []
        for index in port.protections.indices { keys += port.protections[index]?.takeLoggedKeys() ?? [] }
        return keys
    }

    private mutating func handle(_ command: Command) {
        switch command {
        case .connect(let peer, let tid):
            if let index = index(of: peer) { peers[index].want(tid, &port) }
        case .close(let session):
            for index in peers.indices where peers[index].close(session, &port) { return }
        case .share(let session, let links):
            for index in peers.indices where peers[index].share(session, on: links, &port) { return }
        case .shutDown:
            port.announcer = Announcer()
            for index in peers.indices { peers[index].shutDown(&port) }
        }
    }
}
