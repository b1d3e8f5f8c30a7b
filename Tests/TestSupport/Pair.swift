import IEEE80211
import LinkSecurity
import SessionCore
import VirtualAir

/// Two engines on a virtual air, in virtual time. Station 0 is `a`, by default the initiator of TID 0; station 1 is `b`.
public struct Pair {
    /// One output of one engine, with its time.
    public struct Entry: Equatable, Sendable {
        /// When.
        public let instant: MonotonicInstant
        /// Whose.
        public let station: Int
        /// What.
        public let output: Output
    }

    /// The two, and their medium.
    public var cluster: Cluster
    /// The medium.
    public var air: VirtualAir {
        get { cluster.air }
        _modify { yield &cluster.air }
    }
    /// The engines, `a` and `b`.
    public var engines: [Engine] { cluster.stations.map(\.engine) }
    /// The virtual time.
    public var now: MonotonicInstant { cluster.now }
    /// All outputs so far, in order.
    public private(set) var trace: [Entry] = []
    /// Whether payloads are lost between radio and agent: the radio acknowledges them, and the agent does not get them.
    public var dropsPayloads = false

    /// What each station was handed, and when, in order; kept like the outputs.
    public private(set) var inputs: [[(input: Input, instant: MonotonicInstant)]] = [[], []]

    /// Whether inputs and outputs are kept; off for very long runs.
    public var keepTrace = true

    private let acknowledgment: AcknowledgmentSource
    private let links: [LinkIdentifier]
    private let seed: UInt64
    private let isSecured: Bool

    /// The station of engine a.
    public static let a = 0
    /// The station of engine b.
    public static let b = 1

    /// The MLD MAC address of a station.
    public static func mldAddress(_ station: Int) -> MACAddress {
        MACAddress(rawValue: 0x0252_4c00_0000 + UInt64(station))
    }
    /// The address of a station's radio on a link.
    public static func address(_ station: Int, _ link: LinkIdentifier) -> MACAddress {
        MACAddress(rawValue: 0x0252_4c00_0000 + UInt64(link.rawValue) << 8 + UInt64(station))
    }

    /// Makes the pair, with all links up at time 0.
    ///
    /// - Parameters:
    ///   - isSecured: whether the two share a key.
    ///   - configure: changes a station's configuration before its engine is made.
    public init(
        links count: Int = 2, acknowledgment: AcknowledgmentSource = .mac, seed: UInt64 = 1,
        isSecured: Bool = Environment.isSecured, configure: (Int, inout EngineConfiguration) -> Void = { _, _ in }
    ) {
        links = (1...count).compactMap(LinkIdentifier.init)
        self.acknowledgment = acknowledgment
        self.seed = seed
        self.isSecured = isSecured
        cluster = Cluster(seed: seed)
        for station in [Self.a, Self.b] {
            let other = 1 - station
            let peer = PeerConfiguration(
                mldAddress: Self.mldAddress(other),
                links: Dictionary(uniqueKeysWithValues: links.map { ($0, Self.address(other, $0)) }),
                sessions: station == Self.a ? [.bestEffort] : [], key: isSecured ? Self.key() : nil)
            var configuration = EngineConfiguration(mldAddress: Self.mldAddress(station), peers: [peer])
            configure(station, &configuration)
            cluster.addStation(
                configuration, seed: seed &+ UInt64(station), secrets: Self.secrets(seed &+ UInt64(station)))
        }
        for station in [Self.a, Self.b] { for link in links { linkUp(link, at: station) } }
    }

    /// A key, different for each number.
    public static func key(_ number: UInt8 = 0x42) -> PreSharedKey? {
        PreSharedKey(octets: (0..<32).map { $0 ^ number })
    }

    /// Secrets for tests, from a seed: secrets for nobody.
    public static func secrets(_ seed: UInt64) -> SecretGenerator? { SecretGenerator(octets: secretOctets(seed)) }

    /// What the secrets of a seed are made of.
    public static func secretOctets(_ seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: ~seed)
        return (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    // MARK: What a test does

    /// Hands an input to a station, and lets it act.
    public mutating func hand(_ input: Input, to station: Int) {
        if let step = cluster.hand(input, to: station) { note(step) }
    }

    /// Hands payloads of the host to a station, for the other one.
    public mutating func send(_ payloads: [Payload], from station: Int = Pair.a) {
        for payload in payloads {
            hand(.payload(payload, peer: Self.mldAddress(1 - station), tid: .bestEffort), to: station)
        }
    }

    /// The radios of a station's peers.
    public func peerRadios(of station: Int, on link: LinkIdentifier) -> [PeerRadio] {
        cluster.stations[station].engine.peerRadios(on: link)
    }

    /// True if they are others than when this was last asked.
    public mutating func takePeerRadiosChanged(_ station: Int) -> Bool {
        cluster.withEngine(station) { $0.takePeerRadiosChanged() }
    }

    /// Puts a radio on the air and says so.
    public mutating func linkUp(_ link: LinkIdentifier, at station: Int) {
        let properties = LinkProperties(
            address: Self.address(station, link), frequency: 2412, acknowledgment: acknowledgment)
        if let step = cluster.linkUp(link, properties, at: station) { note(step) }
    }

    /// Takes a radio off the air and says so, as the kernel does.
    public mutating func linkDown(_ link: LinkIdentifier, at station: Int, _ cause: LinkDownCause = .interfaceDown) {
        if let step = cluster.linkDown(link, at: station, cause) { note(step) }
    }

    /// Makes a link deaf in both directions, or heals it, without a word to anybody: up but dead.
    public mutating func setDead(_ link: LinkIdentifier, _ isDead: Bool) {
        for station in [Self.a, Self.b] { setFaults(from: station, on: link) { $0.isCut = isDead } }
    }

    /// Changes what the air does to a station's frames on a link.
    public mutating func setFaults(
        from station: Int, on link: LinkIdentifier, _ change: (inout VirtualAir.Faults) -> Void
    ) {
        var faults = air.faults(from: station, on: link)
        change(&faults)
        air.setFaults(faults, from: station, on: link)
    }

    /// Kills a station's agent; its radios stay as they are.
    public mutating func kill(_ station: Int) { cluster.kill(station) }

    /// Starts a killed agent again, which knows nothing.
    public mutating func restart(_ station: Int) {
        let seed = seed &+ 1000 &+ UInt64(trace.count)
        cluster.restart(station, seed: seed, secrets: Self.secrets(seed &+ UInt64(station)))
        for link in links { linkUp(link, at: station) }
    }

    /// Lets time pass.
    public mutating func run(for duration: Duration) { _ = run(until: now + duration) { _ in false } }

    /// Lets time pass until an output satisfies the test, or `limit` has passed.
    ///
    /// - Returns: that output's entry, or `nil`.
    @discardableResult
    public mutating func run(limit: Duration = .seconds(5), until isAwaited: (Entry) -> Bool) -> Entry? {
        run(until: now + limit, isAwaited)
    }

    /// Lets time pass until a station tells of an event of this kind.
    @discardableResult
    public mutating func run(limit: Duration = .seconds(5), untilEvent kind: Event.Kind, at station: Int) -> Event? {
        let entry = run(limit: limit) { entry in
            if entry.station == station, case .event(let event) = entry.output { event.kind == kind } else { false }
        }
        if case .event(let event) = entry?.output { return event }
        return nil
    }

    // MARK: What a test reads

    /// The events a station told of since `start` of the trace.
    public func events(at station: Int, since start: Int = 0) -> [Event] {
        trace[start...].compactMap { entry in
            if entry.station == station, case .event(let event) = entry.output { event } else { nil }
        }
    }

    /// The kinds of session events (link events left out) a station told of.
    public func sessionEvents(at station: Int, since start: Int = 0) -> [Event.Kind] {
        events(at: station, since: start).filter { $0.session != nil }.map(\.kind)
    }

    /// What a station delivered to its host.
    public func delivered(at station: Int) -> [Payload] {
        trace.compactMap { entry in
            if entry.station == station, case .deliver(let payload, _, _) = entry.output { payload } else { nil }
        }
    }

    /// Puts a frame of a third one on the air, who is not a station and needs not tell the truth: whoever has the receiver's
    /// address on this link gets it now.
    public mutating func inject(_ mpdu: [UInt8], to station: Int, on link: LinkIdentifier) {
        hand(.frameReceived(link: link, mpdu: mpdu, signal: -40), to: station)
    }

    /// The frames a station sent since `start` of the trace, octet for octet.
    public func frames(from station: Int, since start: Int = 0) -> [(link: LinkIdentifier, mpdu: [UInt8])] {
        trace[start...].compactMap { entry in
            if entry.station == station, case .transmit(let link, _, let mpdu) = entry.output {
                (link, mpdu)
            } else {
                nil
            }
        }
    }

    /// The action frames a station sent, with their links; heartbeats, their acknowledgments and handshakes left out.
    public func sessionFrames(
        from station: Int, since start: Int = 0
    ) -> [(link: LinkIdentifier, action: Action, own: PeerAction?)] {
        let heartbeats = Set(
            actions(from: 1 - station, since: 0).compactMap { entry in
                if case .heartbeat(let heartbeat) = entry.own { heartbeat.transmission } else { nil }
            })
        return actions(from: station, since: start).filter { entry in
            switch entry.own {
            case .heartbeat: false
            case .sessionAcknowledgment(let number): !heartbeats.contains(number)
            case .announcement: false
            case .blockAcknowledgment, nil: true
            }
        }
    }

    private func actions(
        from station: Int, since start: Int
    ) -> [(link: LinkIdentifier, action: Action, own: PeerAction?)] {
        trace[start...].compactMap { entry in
            guard entry.station == station, case .transmit(let link, _, let mpdu) = entry.output,
                let action = try? ActionFrame(parsing: mpdu).action
            else { return nil }
            if (try? HandshakeFrame.message(in: action)) != nil { return nil }
            if case .vendorSpecific(let vendor) = action { return (link, action, try? PeerAction(body: vendor.body)) }
            return (link, action, nil)
        }
    }

    /// The links on which a station sent payloads, one for each.
    public func payloadLinks(from station: Int, since start: Int = 0) -> [LinkIdentifier] {
        trace[start...].compactMap { entry in
            guard entry.station == station, case .transmit(let link, _, let mpdu) = entry.output,
                (try? MACHeader(parsing: mpdu.span))?.frameControl.kind == .qosData
            else { return nil }
            return link
        }
    }

    /// The first event of a kind that a station told of since `start` of the trace.
    public func event(_ kind: Event.Kind, at station: Int, since start: Int = 0) -> Event? {
        events(at: station, since: start).first { $0.kind == kind }
    }

    /// The status of a station.
    public func status(_ station: Int) -> EngineStatus { cluster.stations[station].engine.status() }

    // MARK: Time

    private mutating func run(until end: MonotonicInstant, _ isAwaited: (Entry) -> Bool) -> Entry? {
        while true {
            if !keepTrace { trace.removeAll(keepingCapacity: true) }
            let before = trace.count
            guard play(until: end) else { return nil }
            if let entry = trace[before...].first(where: isAwaited) { return entry }
        }
    }

    /// Plays all that happens at the next instant; `false` when nothing does until `end`.
    private mutating func play(until end: MonotonicInstant) -> Bool {
        var end = end
        var isPlayed = false
        while true {
            if dropsPayloads { dropPayloads(until: end) }
            var taken: Cluster.Step?
            guard cluster.play(until: end, { taken = $0 }) else { return isPlayed }
            if let taken { note(taken) }
            isPlayed = true
            end = cluster.now
        }
    }

    /// Takes payloads out that arrive next.
    private mutating func dropPayloads(until end: MonotonicInstant) {
        while let next = cluster.nextInstant, next <= end {
            let isPayload = air.drop(at: next) { happening in
                guard case .frameReceived(_, let mpdu, _) = happening.input else { return false }
                return SelectedKind(of: mpdu) == .data
            }
            guard isPayload else { return }
        }
    }

    private mutating func note(_ step: Cluster.Step) {
        if keepTrace { inputs[step.station].append((step.input, step.instant)) }
        for output in step.outputs {
            trace.append(Entry(instant: step.instant, station: step.station, output: output))
        }
    }
}
