import Glibc
import IEEE80211
import SessionCore
import Testing

@testable import RadioLinks

@Suite("Trials of monitor interfaces", .timeLimit(.minutes(1)))
struct MonitorTrialTests {
    private func trial(
        _ acknowledgment: MonitorRadioConfiguration.Acknowledgment = .automatic,
        make: @escaping (MonitorKind) -> any MonitorPort
    ) throws -> MonitorTrial {
        var wiphy = Wiphy(index: 0)
        wiphy.name = "phy0"
        wiphy.features = .max
        let configuration = MonitorRadioConfiguration(
            identifier: try #require(LinkIdentifier(1)), wiphy: "phy0", interface: "relink1", frequency: 2412,
            acknowledgment: acknowledgment)
        var trial = MonitorTrial(configuration: configuration, wiphy: wiphy, control: try RadioControl())
        trial.open = { _, _, kind, _, _ throws(RadioError) in make(kind) }
        trial.probesPlain = true
        return trial
    }

    @Test("a radio that reports truly gives MAC acknowledgments, after three frames on one interface")
    func truthful() throws {
        var made: [MonitorKind] = []
        var trial = try trial { kind in
            made.append(kind)
            return FakePort()
        }
        let result = try trial.run()
        #expect(result.kind == .active)
        #expect(result.obstacle == nil)
        #expect(made == [.active])
        #expect(trial.observations.map(\.injected) == [3])
        #expect(trial.observations.map(\.echoes) == [3])
        #expect(trial.observations.map(\.falseEchoes) == [0])
    }

    @Test("the addresses that nobody has come from the generator that the trial is handed")
    func draws() throws {
        func receivers(_ seed: UInt64?) throws -> [MACAddress?] {
            let port = FakePort()
            var trial = try trial { _ in port }
            if let seed { trial.probe.random = SeededRandom(seed: seed) }
            _ = try trial.run()
            return port.receivers
        }
        let drawn = try receivers(1)
        #expect(drawn.count == 3 && Set(drawn).count == 3)
        #expect(drawn.allSatisfy { ($0?.rawValue ?? 0) >> 40 & 3 == 2 })
        #expect(try receivers(1) == drawn)
        #expect(try receivers(2) != drawn)
        #expect(try receivers(nil) != receivers(nil))
    }

    @Test("a radio whose reports lie is told from one whose do not, and is used with acknowledgments in frames")
    func lying() throws {
        var trial = try trial { _ in LyingPort(FakePort()) }
        let result = try trial.run()
        #expect(result.kind == .plain)
        #expect(result.obstacle == .falseReports)
        #expect(trial.observations.first?.falseEchoes == 3)
    }

    @Test("a radio whose active monitor drops everything is used as a plain one")
    func dropping() throws {
        var trial = try trial { FakePort(isSilent: $0 == .active) }
        let result = try trial.run()
        #expect(result.kind == .plain)
        #expect(result.obstacle == .noReport)
        #expect(trial.observations.map(\.monitor) == [.active, .plain])
        #expect(trial.observations.map(\.echoes) == [0, 3])
        #expect(trial.observations.map(\.injected) == [1, 3])
    }

    @Test("SIGINT, SIGTERM and SIGHUP end a trial instead of the process", arguments: [SIGINT, SIGTERM, SIGHUP])
    func interrupted(signal: CInt) throws {
        // Under nohup nobody would hear of SIGHUP.
        Glibc.signal(signal, SIG_DFL)
        let interruption = try Interruption()
        var trial = try trial { _ in FakePort(isSilent: true) }
        trial.probe.interruption = interruption.descriptor
        #expect(!interruption.isRaised)
        pthread_kill(pthread_self(), signal)
        #expect(interruption.isRaised)
        #expect(throws: RadioError.interrupted) { try trial.run() }
        #expect(interruption.take() == signal)
        #expect(interruption.take() == nil)
    }

    @Test("the frequency of what is received is believed, not the one that was set")
    func straying() throws {
        var trial = try trial { _ in
            let port = FakePort()
            var packet = Packets.received(Packets.fromPeer())
            packet.replaceSubrange(10..<12, with: [0x85, 0x09])
            port.received = [packet]
            return port
        }
        #expect(throws: RadioError.channelNotKept(interface: "relink1", wanted: 2412, found: 2437)) {
            try trial.run()
        }
        #expect(trial.observations.first?.frequenciesHeard == [2437])
    }
}
