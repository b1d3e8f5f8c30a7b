import CaptureFiles
import ControlProtocol
import EventLoop
import FrameDecoding
import Glibc
import IEEE80211
import LinkSecurity
import Logging
import RadioLinks
import Recording
import SessionCore
import Testing

@testable import Agent

@Suite("Two whole agents", .timeLimit(.minutes(1)))
struct TwoAgentsTests {
    /// The configuration of one of the two devices, a and b.
    private static func text(_ own: String, _ peer: String, sessions: String) -> String {
        """
        mld_address = "02:52:4c:00:00:0\(own)"
        links = [{ id = 1, wiphy = "phy0", channel = 1, address = "02:52:4c:01:00:0\(own)" },
                 { id = 2, wiphy = "phy1", channel = 6, address = "02:52:4c:02:00:0\(own)" }]
        [[peers]]
        name = "\(peer)"
        mld_address = "02:52:4c:00:00:0\(peer)"
        sessions = \(sessions)
        links = [{ id = 1, address = "02:52:4c:01:00:0\(peer)" }, { id = 2, address = "02:52:4c:02:00:0\(peer)" }]
        """
    }

    @Test(
        "a session moves to the other link when the one under it goes deaf, and ends when an agent stops",
        arguments: [false, true])
    func rebuild(isSecured: Bool) throws {
        let directory = try TemporaryDirectory()
        let keyFile = isSecured ? "\(directory.path)/key" : nil
        if let keyFile { try Self.writeKey(keyFile) }
        let airs = [SocketAir(), SocketAir()]
        let stops = [StopSwitch(), StopSwitch()]
        let path = directory.path
        let workers = start(path, airs, stops, keyFile: keyFile)
        defer { end(workers, stops) }

        var events = try follow("\(path)/a.sock")
        if isSecured { #expect(try next(&events, "secured").peer == "02:52:4c:00:00:0b") }
        let established = try next(&events, "established")
        let first = try #require(established.link)
        airs[first - 1].goDeaf()
        // When the other agent knew of the loss first, the session was rebuilt before this one held the link for lost.
        var isLost = false
        var isRebuilt = false
        while !isLost || !isRebuilt {
            guard case .event(let event) = try events.receive() else { continue }
            if event.event == "linkLost", event.link == first { isLost = true }
            guard event.event == "rebuilt" else { continue }
            isRebuilt = true
            #expect(event.link == 3 - first)
            #expect(event.session == established.session)
            #expect(event.frames == 1 || event.frames == nil)
        }
        stops[1].pull()
        let ended = try next(&events, "ended")
        #expect(ended.session == established.session)
    }

    @Test(
        "both ends log the same keys when told to, for nobody else to read; recorded frames are verified, and decisions replayed, with them"
    )
    func keyLog() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        try Self.writeKey("\(path)/key")
        let stops = [StopSwitch(), StopSwitch()]
        let workers = start(path, [SocketAir(), SocketAir()], stops, keyFile: "\(path)/key", logsKeys: true)
        var events = try follow("\(path)/a.sock")
        let ended = Result { _ = try next(&events, "established") }
        end(workers, stops)
        try ended.get()
        let logs = try ["a", "b"].map { name in
            let octets = try #require(FileReader.contents(of: "\(path)/\(name).sock.keys"))
            return try KeyLog(parsing: String(decoding: octets, as: UTF8.self))
        }
        #expect(!logs[0].keys.isEmpty && Set(logs[0].keys.map(\.line)) == Set(logs[1].keys.map(\.line)))
        var status = stat()
        #expect(stat("\(path)/a.sock.keys", &status) == 0 && status.st_mode & 0o777 == 0o600)
        let ring = try FrameKeyRing(logs[0].keys)
        var reader = try CaptureReader(path: "\(path)/a.sock.pcapng")
        var verdicts: [FrameKeyRing.Verdict] = []
        while let record = try reader.next() {
            if let verdict = FrameReport(number: 1, record, keys: ring).protection { verdicts.append(verdict) }
        }
        #expect(verdicts.count > 3 && verdicts.allSatisfy { $0 == .verified })
        for name in ["a", "b"] { try checkReplay("\(path)/\(name).sock.pcapng", logs.flatMap(\.secrets)) }
    }

    /// What an agent recorded is decided again with the secrets of its life, and has none of them in it.
    private func checkReplay(_ path: String, _ all: [ReplaySecrets]) throws {
        let octets = try #require(FileReader.contents(of: path))
        var decoder = RecordingDecoder(octets: octets)
        var items: [RecordedItem] = []
        while let item = try decoder.next() { items.append(item) }
        let start = try #require(decoder.start)
        #expect(throws: ReplayObstacle.noSecrets) { _ = try start.secrets(among: []) }
        let secrets = try #require(try start.secrets(among: all))
        var configuration = try AgentConfiguration(recorded: start.configuration, file: "recorded")
        #expect(!configuration.engine.usesKeys)
        configuration.use(secrets.keys)
        var replay = Replay(configuration: configuration.engine, seed: start.seed, secrets: secrets.generator)
        for item in items { replay.take(item) }
        #expect(replay.difference == nil)
        #expect(replay.outputs > 10)
        let key = try #require(secrets.lines.last?.split(separator: " ").last)
        #expect(key.count == 64 && octets.firstRange(of: key.utf8) == nil)
        #expect(octets.firstRange(of: secrets.octets) == nil)
        for peer in configuration.engine.peers {
            // A key shows only its fingerprint; a key file has it as text.
            let line = try #require(secrets.keys.key(for: peer.mldAddress).map(KeyFile.text(sharing:))).split(
                separator: "\n"
            ).last
            #expect(octets.firstRange(of: Array((line ?? "").utf8)) == nil)
        }
    }

    @Test("a user connects a session, closes it, and is told what is not there")
    func connectAndClose() throws {
        let directory = try TemporaryDirectory()
        let stops = [StopSwitch(), StopSwitch()]
        let path = directory.path
        let workers = start(path, [SocketAir(), SocketAir()], stops)
        defer { end(workers, stops) }

        var events = try follow("\(path)/b.sock")
        _ = try next(&events, "established")
        var client = try ControlClient.connect(to: "\(path)/a.sock")
        try client.send(.connect(peer: "b", tid: 5))
        guard case .status(let report) = try client.receive() else { return #expect(Bool(false), "no status") }
        let wanted = try #require(report.sessions.first { $0.tid == 5 })
        #expect(wanted.role == "initiator")
        let established = try next(&events, "established")
        #expect(established.tid == 5)
        try client.send(.close(session: try #require(established.session)))
        guard case .status(let after) = try client.receive() else { return #expect(Bool(false), "no status") }
        #expect(after.sessions.map(\.tid) == [0])
        let ended = try next(&events, "ended")
        #expect(ended.session == established.session)
        #expect(ended.cause == "peerRequest")

        try client.send(.connect(peer: "nobody", tid: 0))
        #expect(throws: ControlError.refused("no peer is called nobody; the peers are b (02:52:4c:00:00:0b)")) {
            _ = try client.receive()
        }
        var other = try ControlClient.connect(to: "\(path)/a.sock")
        try other.send(.close(session: try #require(established.session)))
        #expect(throws: ControlError.self) { _ = try other.receive() }
    }

    @Test("a user shares a session over both links; it outlives either, and what can't be shared is told")
    func share() throws {
        let directory = try TemporaryDirectory()
        let airs = [SocketAir(), SocketAir()]
        let stops = [StopSwitch(), StopSwitch()]
        let path = directory.path
        let workers = start(path, airs, stops)
        defer { end(workers, stops) }

        var events = try follow("\(path)/b.sock")
        let session = try #require(try next(&events, "established").session)
        for link in 1...2 { _ = try wait(for: "linkAlive", link: link, at: "\(path)/a.sock") }
        #expect(
            try refusal(.share(session: "0123456789abcdef", links: [2]), at: "\(path)/a.sock").hasPrefix(
                "there is no session"))
        #expect(
            try refusal(.share(session: session, links: [2]), at: "\(path)/b.sock").contains(
                "its initiator must share it"))
        #expect(
            try refusal(.share(session: session, links: [3]), at: "\(path)/a.sock").contains(
                "no link 3 to b (02:52:4c:00:00:0b); the links are 1, 2"))
        #expect(try refusal(.share(session: session, links: []), at: "\(path)/a.sock").hasPrefix("no link is named"))

        var client = try ControlClient.connect(to: "\(path)/a.sock")
        try client.send(.share(session: session, links: [1, 2]))
        _ = try client.receive()
        let shared = try next(&events, "shared")
        #expect(shared.links == [1, 2] && shared.role == "receiver")
        var aboutA = try follow("\(path)/a.sock")
        #expect(try next(&aboutA, "shared").links == [1, 2])
        try client.send(.status)
        guard case .status(let report) = try client.receive() else { return #expect(Bool(false), "no status") }
        #expect(report.sessions.map(\.links) == [[1, 2]])

        airs[0].goDeaf()
        let lost = try next(&aboutA, "sharedLinkLost")
        #expect(lost.link == 1 && lost.links == [2])
        _ = try wait(for: "linkLost", link: 1, at: "\(path)/a.sock")
        #expect(
            try refusal(.share(session: session, links: [1]), at: "\(path)/a.sock").contains(
                "link 1 to b (02:52:4c:00:00:0b) is lost"))
    }

    @Test(
        "agents without a word about each other find each other; a user connects a session", arguments: [false, true])
    func discovery(isSecured: Bool) throws {
        let directory = try TemporaryDirectory()
        let keyFile = isSecured ? "\(directory.path)/key" : nil
        if let keyFile { try Self.writeKey(keyFile) }
        let stops = [StopSwitch(), StopSwitch()]
        let path = directory.path
        let workers = start(path, [SocketAir(), SocketAir()], stops, keyFile: keyFile, hasPeers: false)
        defer { end(workers, stops) }

        var events = try follow("\(path)/a.sock")
        #expect(try next(&events, "peerAppeared").peer == "02:52:4c:00:00:0b")
        var client = try ControlClient.connect(to: "\(path)/a.sock")
        try client.send(.connect(peer: "02:52:4c:00:00:0b", tid: 0))
        guard case .status(let report) = try client.receive() else { return #expect(Bool(false), "no status") }
        let peer = try #require(report.peers.first)
        #expect(peer.device == "02:52:4c:00:00:0b" && peer.origin == "discovered" && peer.name == nil)
        #expect(report.discovery?.mode == "announce")
        #expect(report.peersText.contains("02:52:4c:00:00:0b  discovered"))
        #expect(try next(&events, "established").peer == "02:52:4c:00:00:0b")
        try client.send(.connect(peer: "02:52:4c:00:00:0c", tid: 0))
        #expect(
            throws: ControlError.refused("no peer is called 02:52:4c:00:00:0c; the peers are 02:52:4c:00:00:0b")
        ) {
            _ = try client.receive()
        }
    }

    /// What an agent says to a request that it refuses.
    private func refusal(_ request: ControlRequest, at path: String) throws -> String {
        var client = try ControlClient.connect(to: path)
        try client.send(request)
        do throws(ControlError) {
            _ = try client.receive()
        } catch .refused(let reason) {
            return reason
        }
        return "not refused"
    }

    /// Waits for an event of a link, from the first event on.
    private func wait(for kind: String, link: Int, at path: String) throws -> EventReport {
        var events = try follow(path)
        while true {
            let report = try next(&events, kind)
            if report.link == link { return report }
        }
    }

    private static func writeKey(_ path: String) throws {
        let key = try #require(PreSharedKey(octets: Agent.randomOctets(PreSharedKey.length)))
        #expect(KeyFileWriter.write(KeyFile.text(sharing: key), to: path) == nil)
    }

    private func start(
        _ path: String, _ airs: [SocketAir], _ stops: [StopSwitch], keyFile: String? = nil, hasPeers: Bool = true,
        logsKeys: Bool = false
    ) -> [Worker] {
        let top = keyFile.map { "key_file = \"\($0)\"\n" } ?? "security = \"open\"\n"
        return [("a", "b", "[0]"), ("b", "a", "[]")].enumerated().map { side, names in
            let whole = Self.text(names.0, names.1, sessions: names.2)
            let peers = whole.firstRange(of: "[[peers]]")?.lowerBound ?? whole.endIndex
            let text = hasPeers ? whole : String(whole[..<peers])
            return Worker { [stop = stops[side]] in
                Self.runAgent(
                    top + text, control: "\(path)/\(names.0).sock",
                    side: side,
                    airs: airs, stop: stop, logsKeys: logsKeys)
            }
        }
    }

    private func end(_ workers: [Worker], _ stops: [StopSwitch]) {
        for stop in stops { stop.pull() }
        for worker in workers { worker.join() }
    }

    private static func runAgent(
        _ text: String, control: String, side: Int, airs: [SocketAir], stop: StopSwitch, logsKeys: Bool
    ) {
        do {
            var configuration = try AgentConfiguration(parsing: text, file: "test")
            configuration.controlPath = control
            let loop = try EventLoop()
            let agent = try Agent(
                configuration: configuration, randomness: .testing(UInt64(side)),
                log: Logger(label: "") { _ in SwiftLogNoOpLogHandler() },
                loop: loop, radioEvents: FakeEvents()
            ) { link in
                SocketRadio(
                    link, address: link.address ?? .broadcast, air: airs[Int(link.identifier.rawValue) - 1], side: side)
            }
            try loop.register(stop.readable) { [unowned agent] _ in
                stop.lower()
                agent.stop()
            }
            if logsKeys {
                try agent.startRecording(RecordingOptions(path: control + ".pcapng", keepsWholeFrames: true))
                try agent.startKeyLog(path: control + ".keys")
            }
            try agent.run()
        } catch {
            Issue.record("an agent could not run: \(error)")
        }
    }

    /// Connects as soon as the agent listens.
    private func follow(_ path: String) throws -> ControlClient {
        while (try? RawClient(path: path)) == nil { sched_yield() }
        var client = try ControlClient.connect(to: path)
        try client.send(.events(all: true))
        return client
    }

    private func next(_ client: inout ControlClient, _ event: String) throws -> EventReport {
        while true {
            if case .event(let report) = try client.receive(), report.event == event { return report }
        }
    }
}

/// Tells an agent in another thread to stop.
final class StopSwitch: Sendable {
    let readable: CInt
    private let writable: CInt

    init() {
        var ends: [CInt] = [-1, -1]
        pipe(&ends)
        readable = ends[0]
        writable = ends[1]
        _ = fcntl(readable, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(readable)
        close(writable)
    }

    func pull() { write(writable, [UInt8(1)], 1) }

    func lower() {
        var octet: UInt8 = 0
        read(readable, &octet, 1)
    }
}
