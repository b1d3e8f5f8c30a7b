import ControlProtocol
import Glibc
import HostInterface
import IEEE80211
import LinkSecurity
import Recording
import SessionCore
import Testing

@testable import Agent

@Suite("An agent that records", .timeLimit(.minutes(1)))
struct RecordingTests {
    /// Waits until a thread of its own has written all that was recorded: the loop never waits for a disk.
    private func written(_ recorder: Recorder?) throws {
        let recorder = try #require(recorder)
        while try !recorder.finish(milliseconds: 1000) {}
    }

    private func items(_ path: String) throws -> [RecordedItem] {
        var decoder = RecordingDecoder(octets: try #require(FileReader.contents(of: path)))
        var items: [RecordedItem] = []
        while let item = try decoder.next() { items.append(item) }
        return items
    }

    @Test("what the core is handed and says is in the file after each turn, and replays identically")
    func record() throws {
        let fixture = try AgentFixture(starts: false)
        let path = fixture.directory.path + "/a.pcapng"
        try fixture.agent.startRecording(RecordingOptions(path: path))
        try fixture.agent.start()
        try fixture.run { (fixture.radio(fixture.link1)?.sent.count ?? 0) > 3 }
        try written(fixture.agent.recorder)
        let items = try items(path)
        guard case .start(let start)? = items.first else { return #expect(Bool(false), "no head") }
        #expect(!start.isMidway)
        let configuration = try AgentConfiguration(recorded: start.configuration, file: "recorded")
        #expect(configuration.engine == fixture.agent.configuration.engine)
        var replay = Replay(configuration: configuration.engine, seed: start.seed)
        for item in items { replay.take(item) }
        #expect(replay.difference == nil)
        #expect(replay.outputs > 3)
    }

    @Test("the kernel's reports of the peers' radios are recorded, and replaying leaves them out")
    func stations() throws {
        let fixture = try AgentFixture(starts: false)
        let path = fixture.directory.path + "/a.pcapng"
        try fixture.agent.startRecording(RecordingOptions(path: path))
        try fixture.agent.start()
        try fixture.run { (try? stations(path))?.count == 2 }
        try written(fixture.agent.recorder)
        let found = try stations(path)
        #expect(Set(found.map(\.link)) == [fixture.link1, fixture.link2])
        #expect(found.allSatisfy { ($0.rate, $0.modulation, $0.frames, $0.retries) == (650, 7, 7, 1) })
        var replay = Replay(configuration: fixture.agent.configuration.engine, seed: try head(path).seed)
        for item in try items(path) { replay.take(item) }
        #expect(replay.difference == nil)
        #expect(replay.outputs > 0)
    }

    @Test("figures are asked for once a second, and written as long as they change")
    func changes() throws {
        let fixture = try AgentFixture(starts: false)
        let path = fixture.directory.path + "/a.pcapng"
        try fixture.agent.startRecording(RecordingOptions(path: path))
        let recorder = try #require(fixture.agent.recorder)
        func instant(_ milliseconds: Int64) -> MonotonicInstant {
            MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
        }
        let times = [0, 999, 1000, 1999, 2500, 3400, 3500].map { recorder.isTimeForStations(instant($0)) }
        #expect(times == [true, false, true, false, true, false, true])
        var station = RecordedStation(link: fixture.link1, peer: MACAddress(rawValue: 0x0252_4c00_000b))
        recorder.station(station, instant(0))
        recorder.station(station, instant(1000))
        station.frames = 1
        recorder.station(station, instant(2000))
        try written(recorder)
        #expect(try stations(path).map(\.frames) == [0, 1])
    }

    private func stations(_ path: String) throws -> [RecordedStation] {
        try items(path).compactMap { item in if case .station(let station, _) = item { station } else { nil } }
    }

    private func head(_ path: String) throws -> RecordingStart {
        let heads = try items(path).compactMap { item in if case .start(let start) = item { start } else { nil } }
        return try #require(heads.first)
    }

    @Test("a file that is there is left alone, and further files replace the oldest")
    func files() throws {
        let fixture = try AgentFixture(starts: false)
        let path = fixture.directory.path + "/a.pcapng"
        try fixture.agent.startRecording(RecordingOptions(path: path, fileLength: 1, files: 2))
        #expect(throws: RecorderError.self) { try fixture.agent.startRecording(RecordingOptions(path: path)) }
        try fixture.agent.start()
        // The file is there a moment before its head is.
        try fixture.run { FileReader.contents(of: path + ".3").map { !$0.isEmpty } ?? false }
        #expect(FileReader.contents(of: path) == nil)
        guard case .start(let start)? = try items(path + ".3").first else { return #expect(Bool(false), "no head") }
        #expect(start.part == 3)
    }

    @Test("a user begins and ends a recording, whole or not; one that begins midway says so", arguments: [false, true])
    func request(isWhole: Bool) throws {
        let fixture = try AgentFixture()
        let path = fixture.directory.path + "/a.pcapng"
        guard case .status(let report) = fixture.agent.perform(.record(file: path, isWhole: isWhole)) else {
            return #expect(Bool(false), "refused")
        }
        #expect(fixture.agent.recorder?.options.keepsWholeFrames == isWhole)
        let recorder = fixture.agent.recorder
        #expect(report.recording == path)
        guard case .refused = fixture.agent.perform(.record(file: path + "2")) else {
            return #expect(Bool(false), "two recordings at a time")
        }
        guard case .status(let after) = fixture.agent.perform(.record(file: nil)) else {
            return #expect(Bool(false), "refused")
        }
        #expect(after.recording == nil)
        try written(recorder)
        guard case .start(let start)? = try items(path).first else { return #expect(Bool(false), "no head") }
        #expect(start.isMidway)
    }

    @Test(
        "of an agent with keys, a recording takes whole frames and the secrets of a log that only it has; a log alone has none",
        arguments: [false, true], [false, true])
    func protected(isWhole: Bool, isRecorded: Bool) throws {
        let fixture = try AgentFixture(starts: false) { $0.use(KeyFile(shared: PreSharedKey(octets: Array(0..<32)))) }
        let (path, keys) = (fixture.directory.path + "/a.pcapng", fixture.directory.path + "/a.keys")
        if isRecorded {
            try fixture.agent.startRecording(RecordingOptions(path: path, keepsWholeFrames: isWhole))
        }
        try fixture.agent.startKeyLog(path: keys)
        #expect(throws: RecorderError.self) { try fixture.agent.startKeyLog(path: keys) }
        try fixture.agent.start()
        try fixture.run { (fixture.radio(fixture.link1)?.sent.count ?? 0) > 3 }
        let log = try #require(fixture.agent.keyLog)
        while try !log.finish() {}
        let text = String(decoding: try #require(FileReader.contents(of: keys)), as: UTF8.self)
        let all = try KeyLog(parsing: text).secrets
        #expect(all.count == (isRecorded ? 1 : 0))
        #expect(fixture.agent.secretOctets == nil)
        guard isRecorded else { return }
        try written(fixture.agent.recorder)
        let items = try items(path)
        guard case .start(let start)? = items.first else { return #expect(Bool(false), "no head") }
        #expect(start.isProtected && !start.isMidway)
        guard isWhole else {
            #expect(throws: ReplayObstacle.cutFrames) { _ = try start.secrets(among: all) }
            return
        }
        let secrets = try #require(try start.secrets(among: all))
        var configuration = try AgentConfiguration(recorded: start.configuration, file: "recorded")
        configuration.use(secrets.keys)
        var replay = Replay(configuration: configuration.engine, seed: start.seed, secrets: secrets.generator)
        for item in items { replay.take(item) }
        #expect(replay.difference == nil)
        #expect(replay.outputs > 3)
    }

    @Test("the text of a configuration says all that the core depends on")
    func configurationText() throws {
        var configuration = try AgentConfiguration(parsing: AgentFixture.text, file: "a.toml")
        configuration.engine.health.failuresUntilLost = 9
        configuration.engine.health.quietAfter = .microseconds(1_234_567)
        configuration.engine.session.probing(.microseconds(2_300))
        configuration.engine.session.mirroredTIDs = [.bestEffort]
        configuration.engine.session.sharing = .whenWorse
        configuration.engine.limits.retention = .milliseconds(1500)
        configuration.engine.security.frames.packetsUntilRekey = 12_345
        configuration.engine.security.frames.replayWindow = 2048
        configuration.engine.security.rekeyAfter = .milliseconds(60_500)
        configuration.engine.security.oldKeysKept = .milliseconds(1_250)
        configuration.engine.security.handshakesPerSecond = 65
        configuration.engine.security.agreementsPerSecond = 17
        configuration.engine.security.cookieLife = .seconds(33)
        configuration.engine.discovery.mode = .listen
        configuration.engine.discovery.interval = .milliseconds(123)
        configuration.engine.discovery.lostAfter = .milliseconds(4560)
        configuration.engine.discovery.mostPeers = 7
        let read = try AgentConfiguration(recorded: configuration.text, file: "recorded")
        #expect(read.engine == configuration.engine)
        #expect(read.links == configuration.links)
        #expect(read.peerNames == configuration.peerNames)
        // 4.004 ms is no whole number of nanoseconds as floating-point numbers go.
        let text = AgentFixture.text + "\n[health]\nminimum_doubt_ms = 4.004\nprobe_interval_ms = 0.57\n"
        let fine = try AgentConfiguration(parsing: text, file: "a.toml")
        #expect(try AgentConfiguration(recorded: fine.text, file: "recorded").engine == fine.engine)
        let changed = try configuration.with(thresholds: ["failures_until_lost=4", "session.buffer_size = 7"])
        #expect(changed.engine.health.failuresUntilLost == 4)
        #expect(changed.engine.session.bufferSize == 7)
        #expect(try configuration.with(thresholds: ["most_peers=9"]).engine.discovery.mostPeers == 9)
        #expect(
            try configuration.with(thresholds: ["old_keys_s=2"]).engine.security.oldKeysKept == .seconds(2))
        #expect(throws: ConfigurationError.self) { try configuration.with(thresholds: ["no_such_key=4"]) }
        #expect(throws: ConfigurationError.self) { try configuration.with(thresholds: ["failures_until_lost=-1"]) }
    }
}

extension SessionParameters {
    fileprivate mutating func probing(_ duration: Duration) {
        responseTimeout = duration
        receiverDelay = duration
        initialBackOff = duration
        blockAcknowledgmentDelay = duration
        retransmissionTimeout = duration
    }

    @Test(
        "a later file of another recording is in the way from the start, not when its turn comes", arguments: [1, 12])
    func laterInTheWay(part: Int) throws {
        let fixture = try AgentFixture(starts: false)
        let path = fixture.directory.path + "/a.pcapng"
        #expect(creat(path + ".\(part)", 0o600) >= 0 && creat(path + ".txt", 0o600) >= 0)
        let error = #expect(throws: RecorderError.self) {
            try fixture.agent.startRecording(RecordingOptions(path: path))
        }
        #expect(error?.path == path + ".\(part)")
        #expect(FileReader.contents(of: path) == nil)
    }

    @Test("any number of files may be asked for over the control socket, and empty ones are refused")
    func extremes() throws {
        let fixture = try AgentFixture()
        let path = fixture.directory.path + "/a.pcapng"
        for (length, files) in [(0, 1), (1, 0), (-1, -1)] {
            guard case .refused = fixture.agent.perform(.record(file: path, fileLength: length, files: files)) else {
                return #expect(Bool(false), "taken")
            }
        }
        let request = ControlRequest.record(file: path, fileLength: 1, files: .max)
        guard case .status = fixture.agent.perform(request) else { return #expect(Bool(false), "refused") }
        try fixture.run { FileReader.contents(of: path + ".3") != nil }
        #expect(FileReader.contents(of: path) != nil)
    }

    @Test("an agent that can't start leaves no recording and no key log behind, which would be in the way of the next")
    func discarded() throws {
        let fixture = try AgentFixture(
            starts: false, host: FakeHostPort(), hostProblem: .nameTaken(interface: "relink0")
        ) { $0.use(KeyFile(shared: PreSharedKey(octets: Array(0..<32)))) }
        let (path, keys) = (fixture.directory.path + "/a.pcapng", fixture.directory.path + "/a.keys")
        try fixture.agent.startRecording(RecordingOptions(path: path))
        try fixture.agent.startKeyLog(path: keys)
        #expect(FileReader.contents(of: path) != nil && FileReader.contents(of: keys) != nil)
        #expect(throws: AgentError.self) { try fixture.agent.run() }
        #expect(FileReader.contents(of: path) == nil && FileReader.contents(of: keys) == nil)
    }
}
