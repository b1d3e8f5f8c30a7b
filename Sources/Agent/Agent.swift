import ControlProtocol
import DequeModule
import EventLoop
import Glibc
import HostInterface
import IEEE80211
import LinkSecurity
import Logging
import RadioLinks
import SessionCore

/// The agent: hands the core what happens, and does what the core says. It decides nothing about the protocol.
///
/// One thread, one loop. After every input the core's outputs are drained; at the end of every turn of the loop what is due is
/// done, and the next deadline is set. Nothing here waits but the loop.
public final class Agent {
    let configuration: AgentConfiguration
    let log: Logger
    let loop: EventLoop
    var engine: Engine
    let links: [ManagedLink]
    let makeRadio: RadioMaker
    let makeHostPort: HostPortMaker
    /// The host's traffic; `nil` when no interface is configured. Why `unchecked`: see `HostSide`.
    @exclusivity(unchecked) var host: HostSide?
    /// Whether something happened that may change who can be reached.
    var carrierIsStale = true
    let radioEvents: any RadioEventSource
    var tokens: [LinkIdentifier: EventLoop.Token] = [:]
    let started = Agent.now
    /// When the last input came: the core's idea of now.
    private(set) var instant = Agent.now
    /// When to stop, once that is wanted.
    var stopInstant: MonotonicInstant?
    /// When to tell users what they have not heard of yet.
    private var tellInstant: MonotonicInstant?
    /// When to offer the radios again what they could not take.
    var backlogInstant: MonotonicInstant?
    private var server: ControlServer?
    private var eventsToken: EventLoop.Token?
    private var waitingInputs: [Input] = []
    /// Events that users have not heard of yet.
    private var untold: Deque<(event: Event, instant: MonotonicInstant)> = []
    private var isHandling = false
    /// Where the core's randomness comes from.
    let seed: UInt64
    /// True if that, and all else that is drawn, comes from a seed that others may have.
    let isPredictable: Bool
    /// Writes down what the core is handed and says, while that is wanted.
    var recorder: Recorder?
    /// Writes down the keys of frames, while that is wanted.
    var keyLog: KeyLogWriter?
    /// The source of all secrets of this life of the agent: kept until the agent begins,
    /// for a recording that is to be replayed. Then only the core has what came of it, and nothing keeps that.
    var secretOctets: [UInt8]?
    /// Whether the core may have been handed something.
    private(set) var hasBegun = false
    /// True while the loop carries frames.
    private(set) var isServing = false

    /// How long a stopping agent goes on, so that the peers hear of it and the radios have sent all before they go.
    static let farewellTime = Duration.milliseconds(100)
    /// How long users wait to hear of an event, so that what it set in motion on the radios is not held up.
    static let tellDelay = Duration.milliseconds(25)
    /// How many events wait at most to be told one by one.
    static let mostUntold = 64
    /// How soon a radio that could not take a frame is offered it again.
    static let backlogInterval = Duration.milliseconds(1)
    /// How many packets one radio may hand over before the others have their turn: more than come of what the host may hand over,
    /// so that reports and acknowledgments do not pile up behind frames that somebody floods the radio with.
    static let receiveLimit = 256
    /// How many of them come between two looks at the clock.
    static let receiveStep = 32
    /// How long a radio may take for that: frames that somebody floods it with may be costly to refuse, and neither the host nor
    /// heartbeats can wait for all of them.
    static let receiveTime = Duration.milliseconds(5)
    /// How many frames the host may hand over before the radios have their turn: as many as still find a place when sessions are
    /// nearly full (`Engine.isFull`).
    static let hostReceiveLimit = 64

    /// Makes an agent with this machine's radios. SIGINT, SIGTERM and SIGHUP reach the process only through it from now on.
    /// - Throws: `AgentError` when another agent has the control socket, or radios can't be used at all.
    public convenience init(
        configuration: AgentConfiguration, log: Logger, randomness: consuming Randomness = .system()
    ) throws(AgentError) {
        let loop: EventLoop
        do { loop = try EventLoop() } catch { throw .loop(error) }
        let events: RadioEvents
        do { events = try RadioEvents() } catch { throw .radio(error) }
        var trials = randomness.trials
        try self.init(
            configuration: configuration, randomness: consume randomness, log: log, loop: loop, radioEvents: events
        ) { configuration throws(RadioError) in
            try MonitorRadio(configuration: configuration, random: SeededRandom(seed: trials.next()))
        }
    }

    init(
        configuration: AgentConfiguration, randomness: consuming Randomness, log: Logger, loop: EventLoop,
        radioEvents: any RadioEventSource,
        makeHostPort: @escaping HostPortMaker = TAPInterface.init,
        makeRadio: @escaping RadioMaker
    ) throws(AgentError) {
        self.configuration = configuration
        self.log = log
        self.loop = loop
        self.radioEvents = radioEvents
        self.makeRadio = makeRadio
        self.makeHostPort = makeHostPort
        seed = randomness.seed
        isPredictable = randomness.isPredictable
        secretOctets = randomness.secretOctets
        engine = Engine(
            configuration: configuration.engine, seed: randomness.seed,
            secrets: SecretGenerator(octets: randomness.secretOctets))
        links = configuration.links.map(ManagedLink.init)
        log.debug("seed \(seed)")
        // Before anything is touched: the path may belong to an agent that lives.
        server = try ControlServer(path: configuration.controlPath, loop: loop, log: log) { [unowned self] in
            perform($0)
        }
    }

    static var now: MonotonicInstant { MonotonicInstant(nanoseconds: MonotonicClock.nanoseconds) }

    /// Makes the links and serves until SIGINT, SIGTERM, SIGHUP or `stop`; then takes leave of the peers and removes all it made. A
    /// second signal shortens the leave.
    /// - Throws: `AgentError` when the agent can't start or go on; all it made is removed then, too.
    public func run() throws(AgentError) {
        defer { finish() }
        do { try start() } catch {
            discardRecordings()
            throw error
        }
        isServing = true
        defer { isServing = false }
        do { try loop.run() } catch { throw .loop(error) }
        log.notice("stopped")
    }

    /// Makes the links and arms the loop.
    func start() throws(AgentError) {
        hasBegun = true
        secretOctets = nil
        loop.onSignal = { [unowned self] signal in
            // The shell and the kernel both tell that the terminal is gone: that is no hurry.
            guard signal != SIGHUP || stopInstant == nil else { return }
            log.notice("\(EndingSignals.name(signal)): stopping")
            stop()
        }
        loop.onIdle = { [unowned self] in endTurn() }
        do {
            eventsToken = try loop.register(radioEvents.readinessDescriptor) { [unowned self] _ in
                radioEvents.receive { self.handle($0) }
            }
        } catch {
            throw .loop(error)
        }
        // Its name may be taken, which the user hears of before the radios are touched.
        try openHostSide()
        rehearse()
        warnOfOpenMode()
        warnOfPredictableRandomness()
        try openAllAtStart()
        let missing = links.filter { $0.radio == nil }.map { "link \($0.identifier)" }
        log.notice(missing.isEmpty ? "ready" : "serving without \(missing.joined(separator: " and "))")
        endTurn()
    }

    private func rehearse() {
        for acknowledgment in AcknowledgmentSource.allCases {
            var rehearsal = Rehearsal(acknowledgment: acknowledgment, isSecured: configuration.security == .psk)
            rehearsal.run()
            for event in rehearsal.events {
                let report = report(of: event, at: instant)
                log.trace("rehearsal: \(report.sentence(peerName: nil))")
                _ = report.message
            }
        }
    }

    /// Removes all that was made.
    func finish() {
        closeHostSide()
        for link in links {
            stopWatching(link)
            link.close()
        }
        eventsToken.map(loop.remove)
        while tellNext() {}
        server?.flush()
        server?.close()
        server = nil
        stopRecording()
        stopKeyLog()
    }

    /// Begins to stop; at the second call, stops at once.
    func stop() {
        guard stopInstant == nil else { return loop.stop() }
        stopInstant = Self.now + Self.farewellTime
        carrierIsStale = true
        handle(.command(.shutDown))
    }

    // MARK: The core's two doors

    /// Hands the core an input and does all that it says. What comes up while that is done waits for its turn: the core takes
    /// one input at a time.
    func handle(_ input: Input) {
        waitingInputs.append(input)
        guard !isHandling else { return }
        isHandling = true
        defer { isHandling = false }
        handleWaitingInputs()
    }

    /// Hands the core a batch of inputs at one instant, and does all that it says then.
    ///
    /// - Parameter batch: hands them to the engine, which it is lent; it must do nothing else.
    func takeIn<Failure>(_ batch: (inout Engine, MonotonicInstant) throws(Failure) -> Void) throws(Failure) {
        precondition(!isHandling, "a batch comes from the loop, never while the core's outputs are done")
        isHandling = true
        defer {
            drain()
            handleWaitingInputs()
            isHandling = false
        }
        instant = Self.now
        try batch(&engine, instant)
    }

    private func handleWaitingInputs() {
        while !waitingInputs.isEmpty {
            instant = Self.now
            let input = waitingInputs.removeFirst()
            recorder?.input(input, instant)
            engine.handle(input, now: instant)
            drain()
        }
    }

    /// Lends the engine, for a question that comes up at every turn: the value of a property of a class would be copied for it.
    func withEngine<Answer>(_ question: (inout Engine) -> Answer) -> Answer { question(&engine) }

    private func drain() {
        var hands = Hands(agent: self, recorder: recorder)
        engine.drain(into: &hands)
        if engine.takePeerRadiosChanged() { for link in links { setPeers(of: link) } }
        sendFrames()
        recorder?.turnEnd(instant)
    }

    /// Does what the core says.
    private struct Hands: OutputSink {
        let agent: Agent
        let recorder: Recorder?

        func transmit(_ mpdu: Span<UInt8>, number: TransmissionNumber, on link: LinkIdentifier) {
            recorder?.transmission(mpdu, number, link, agent.instant)
            agent.transmit(mpdu, number: number, on: link)
        }

        func deliver(_ payload: Span<UInt8>, from peer: MACAddress, tid: TrafficIdentifier) {
            recorder?.delivery(payload, peer, tid, agent.instant)
            agent.deliver(payload, from: peer)
        }

        func tell(_ event: Event) {
            recorder?.event(event, agent.instant)
            agent.tell(event)
        }
    }

    /// Notes an event. Users hear of it a moment later: writing takes longer than a rebuild, and frames go first.
    func tell(_ event: Event) {
        if event.kind == .linkLost, let lost = event.link { link(lost)?.checkSoon(now: Self.now) }
        carrierIsStale = true
        untold.append((event, instant))
        tellInstant = tellInstant ?? instant + Self.tellDelay
    }

    /// Tells users of one event. The others come with the next turns, so that frames need not wait for long.
    /// - Returns: whether there was one.
    private func tellNext() -> Bool {
        guard let (event, instant) = untold.popFirst() else {
            tellInstant = nil
            return false
        }
        let report = report(of: event, at: instant)
        server?.publish(report)
        let level: Logger.Level =
            switch (event.kind, event.cause) {
            case (.linkSuspect, _): .debug
            case (.handshakeFailed, _), (.peerDisagrees, _), (.rebuildLoop, _), (.noLinkDelivers, _): .warning
            case (.announcementRefused, .mldAddressTaken), (.announcementRefused, .linkMismatch): .warning
            default: .info
            }
        log.log(level: level, "\(report.sentence(peerName: event.peer.map(name)))")
        return true
    }

    // MARK: The end of a turn

    /// Does what is due and sets the next deadline.
    private func endTurn() {
        let now = Self.now
        if let deadline = withEngine({ $0.nextDeadline }), deadline.instant <= now {
            // What has arrived already is heard before anybody is judged for silence, however long that takes.
            let isWhole = withEngine { $0.judgesSilence(at: now) }
            for link in links { receive(from: link, isWhole: isWhole) }
            handle(.deadlineReached)
        }
        if let backlogInstant, backlogInstant <= now { sendBacklogs() }
        for link in links {
            if let instant = link.retryInstant, instant <= now { reopen(link) }
            if let instant = link.checkInstant, instant <= now { check(link) }
        }
        if carrierIsStale { updateCarrier() }
        pauseHost()
        if let tellInstant, tellInstant <= now { _ = tellNext() }
        while untold.count > Self.mostUntold { _ = tellNext() }
        flushRecording()
        writeKeyLog()
        server?.flush()
        if let stopInstant, stopInstant <= now { loop.stop() }
        var earliest = withEngine { $0.nextDeadline?.instant }
        func consider(_ instant: MonotonicInstant?) {
            if let instant { earliest = min(earliest ?? instant, instant) }
        }
        consider(backlogInstant)
        consider(tellInstant)
        consider(stopInstant)
        for link in links {
            consider(link.retryInstant)
            consider(link.checkInstant)
        }
        do {
            try loop.setDeadline(earliest?.nanoseconds)
        } catch {
            log.critical("no deadline can be set: \(error)")
            loop.stop()
        }
    }
}
