import ControlProtocol
import IEEE80211
import Recording
import SessionCore
import Testing

@testable import Agent

@Suite("An agent that records", .timeLimit(.minutes(1)))
struct RecordingTests {
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
        let items = try items(path)
        guard case .start(let start)? = items.first else { return #expect(Bool(false), "no head") }
        #expect(!start.isMidway)
        let configuration = try AgentConfiguration(parsing: start.configuration, file: "recorded")
        #expect(configuration.engine == fixture.agent.configuration.engine)
        var replay = Replay(configuration: configuration.engine, seed: start.seed)
        for item in items { replay.take(item) }
        #expect(replay.difference == nil)
        #expect(replay.outputs > 3)
    }

    @Test("a file that is there is left alone, and further files replace the oldest")
    func files() throws {
        let fixture = try AgentFixture(starts: false)
        let path = fixture.directory.path + "/a.pcapng"
        try fixture.agent.startRecording(RecordingOptions(path: path, fileLength: 1, files: 2))
        #expect(throws: RecorderError.self) { try fixture.agent.startRecording(RecordingOptions(path: path)) }
        try fixture.agent.start()
        try fixture.run { FileReader.contents(of: path + ".3") != nil }
        #expect(FileReader.contents(of: path) == nil)
        guard case .start(let start)? = try items(path + ".3").first else { return #expect(Bool(false), "no head") }
        #expect(start.part == 3)
    }

    @Test("a user begins and ends a recording; one that begins midway says so")
    func request() throws {
        let fixture = try AgentFixture()
        let path = fixture.directory.path + "/a.pcapng"
        guard case .status(let report) = fixture.agent.perform(.record(file: path)) else {
            return #expect(Bool(false), "refused")
        }
        #expect(report.recording == path)
        guard case .refused = fixture.agent.perform(.record(file: path + "2")) else {
            return #expect(Bool(false), "two recordings at a time")
        }
        guard case .status(let after) = fixture.agent.perform(.record(file: nil)) else {
            return #expect(Bool(false), "refused")
        }
        #expect(after.recording == nil)
        guard case .start(let start)? = try items(path).first else { return #expect(Bool(false), "no head") }
        #expect(start.isMidway)
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
        configuration.engine.discovery.mode = .listen
        configuration.engine.discovery.interval = .milliseconds(123)
        configuration.engine.discovery.lostAfter = .milliseconds(4560)
        configuration.engine.discovery.mostPeers = 7
        let read = try AgentConfiguration(parsing: configuration.text, file: "recorded")
        #expect(read.engine == configuration.engine)
        #expect(read.links == configuration.links)
        #expect(read.peerNames == configuration.peerNames)
        // 4.004 ms is no whole number of nanoseconds as floating-point numbers go.
        let text = AgentFixture.text + "\n[health]\nminimum_doubt_ms = 4.004\nprobe_interval_ms = 0.57\n"
        let fine = try AgentConfiguration(parsing: text, file: "a.toml")
        #expect(try AgentConfiguration(parsing: fine.text, file: "recorded").engine == fine.engine)
        let changed = try configuration.with(thresholds: ["failures_until_lost=4", "session.buffer_size = 7"])
        #expect(changed.engine.health.failuresUntilLost == 4)
        #expect(changed.engine.session.bufferSize == 7)
        #expect(try configuration.with(thresholds: ["most_peers=9"]).engine.discovery.mostPeers == 9)
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
}
