import IEEE80211
import LinkSecurity
import SessionCore
import VirtualAir

/// Engines on one virtual air, in virtual time. It moves one input at a time.
public struct Cluster {
    /// One input of one engine, and its outputs.
    public struct Step {
        /// When, by the simulation's time.
        public let instant: MonotonicInstant
        /// Whose.
        public let station: Int
        /// The input.
        public let input: Input
        /// The outputs, in order.
        public let outputs: [Output]
    }

    /// An agent and its surroundings.
    public struct Station {
        /// The engine.
        public fileprivate(set) var engine: Engine
        /// The engine's configuration, for the next start.
        public var configuration: EngineConfiguration
        /// The clock by which the engine counts.
        public let clock: StationClock
        /// False while the agent is dead: it receives nothing and sends nothing, though its radios may acknowledge.
        public fileprivate(set) var isRunning = true
        /// True while the agent gets no processor. What arrives waits.
        public fileprivate(set) var standsStill = false
        /// The inputs that wait for an agent that stands still.
        fileprivate var waiting: [Input] = []
        /// The engine's next deadline, by the simulation's time.
        public fileprivate(set) var deadline: MonotonicInstant?
    }

    /// The stations.
    public private(set) var stations: [Station] = []
    /// The medium.
    public var air: VirtualAir
    /// The virtual time.
    public private(set) var now = MonotonicInstant(nanoseconds: 0)
    /// The frames that wait at most for an agent that stands still; more are lost, as in a socket.
    public static let mostWaitingFrames = 300

    /// Makes a cluster without stations.
    public init(seed: UInt64) { air = VirtualAir(seed: seed) }

    // MARK: Stations

    /// Adds a station without radios; the index is its number.
    public mutating func addStation(
        _ configuration: EngineConfiguration, seed: UInt64, secrets: SecretGenerator?, clock: StationClock = StationClock()
    ) {
        let engine = Engine(configuration: configuration, seed: seed, secrets: secrets)
        stations.append(Station(engine: engine, configuration: configuration, clock: clock))
        stations[stations.count - 1].deadline = deadline(of: stations.count - 1)
    }

    /// Ends a station's agent; its radios stay as they are.
    public mutating func kill(_ station: Int) {
        stations[station].isRunning = false
        stations[station].standsStill = false
        stations[station].waiting = []
    }

    /// Starts a killed agent again, which knows nothing, not even its radios.
    public mutating func restart(_ station: Int, seed: UInt64, secrets: SecretGenerator?) {
        stations[station].engine = Engine(
            configuration: stations[station].configuration, seed: seed, secrets: secrets)
        stations[station].isRunning = true
        stations[station].deadline = deadline(of: station)
    }

    /// An agent gets no processor until `goOn`.
    public mutating func standStill(_ station: Int) { stations[station].standsStill = true }

    /// An agent gets processor again.
    ///
    /// - Returns: what waited, to be handed in one after the other.
    public mutating func goOn(_ station: Int) -> [Input] {
        stations[station].standsStill = false
        defer { stations[station].waiting = [] }
        return stations[station].waiting
    }

    /// Puts a radio on the air, and reports it to the agent.
    @discardableResult
    public mutating func linkUp(_ link: LinkIdentifier, _ properties: LinkProperties, at station: Int) -> Step? {
        air.addRadio(
            station: station, link: link, address: properties.address,
            acknowledges: properties.acknowledgment == .mac)
        return hand(.linkUp(link, properties), to: station)
    }

    /// Takes a radio off the air, and reports it to the agent, as the kernel does.
    @discardableResult
    public mutating func linkDown(_ link: LinkIdentifier, at station: Int, _ cause: LinkDownCause = .interfaceDown) -> Step? {
        air.removeRadio(station: station, link: link)
        return hand(.linkDown(link, cause), to: station)
    }

    // MARK: Inputs

    /// Hands an input to an agent, and lets it act.
    ///
    /// - Returns: `nil` where the agent is dead or stands still.
    @discardableResult
    public mutating func hand(_ input: Input, to station: Int) -> Step? {
        guard stations[station].isRunning else { return nil }
        guard !stations[station].standsStill else {
            if case .frameReceived = input, stations[station].waiting.count >= Self.mostWaitingFrames { return nil }
            stations[station].waiting.append(input)
            return nil
        }
        let reading = stations[station].clock.reading(at: now)
        stations[station].engine.handle(input, now: reading)
        var outputs: [Output] = []
        while let output = stations[station].engine.nextOutput() {
            outputs.append(output)
            if case .transmit(let link, let number, let mpdu) = output {
                air.transmit(mpdu, number: number, from: station, on: link, at: now)
            }
        }
        stations[station].deadline = deadline(of: station)
        return Step(instant: now, station: station, input: input, outputs: outputs)
    }

    /// Changes an engine by hand.
    public mutating func withEngine<Result>(_ station: Int, _ body: (inout Engine) -> Result) -> Result {
        body(&stations[station].engine)
    }

    private func deadline(of station: Int) -> MonotonicInstant? {
        stations[station].engine.nextDeadline.map { stations[station].clock.instant(of: $0.instant) }
    }

    // MARK: Time

    /// When something happens next; `nil` when nothing will.
    public var nextInstant: MonotonicInstant? {
        var next = air.nextInstant
        for station in stations where station.isRunning && !station.standsStill {
            if let deadline = station.deadline, next.map({ deadline < $0 }) ?? true { next = deadline }
        }
        return next
    }

    /// Plays what happens next, if that is no later than `end`. What arrives comes before what is due at the same time.
    ///
    /// - Returns: `false` when nothing happens until then; the time is `end` then. `step` is `nil` where it happened to no running
    ///   agent.
    public mutating func play(until end: MonotonicInstant, _ step: (Step) -> Void) -> Bool {
        guard let next = nextInstant, next <= end else {
            now = max(now, end)
            return false
        }
        now = max(now, next)
        if let happening = air.next(until: now) {
            if let taken = hand(happening.input, to: happening.station) { step(taken) }
            return true
        }
        for station in stations.indices where stations[station].isRunning && !stations[station].standsStill {
            if let deadline = stations[station].deadline, deadline <= now {
                if let taken = hand(.deadlineReached, to: station) { step(taken) }
                return true
            }
        }
        return true
    }
}
