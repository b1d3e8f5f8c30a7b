import CNetlink
import Glibc
import IEEE80211
import SessionCore
import Testing

@testable import RadioLinks

@Suite("Trials of ways to hold a radio", .timeLimit(.minutes(1)))
struct WayTrialTests {
    private func trial(
        _ acknowledgment: MonitorRadioConfiguration.Acknowledgment = .automatic,
        make: @escaping (RadioWay) throws(RadioError) -> any MonitorPort
    ) throws -> WayTrial {
        var wiphy = Wiphy(index: 0)
        wiphy.name = "phy0"
        wiphy.features = .max
        wiphy.interfaceTypes = [NL80211_IFTYPE_AP.rawValue, NL80211_IFTYPE_MONITOR.rawValue]
        let configuration = MonitorRadioConfiguration(
            identifier: try #require(LinkIdentifier(1)), wiphy: "phy0", interface: "relink1", frequency: 2412,
            acknowledgment: acknowledgment)
        var trial = WayTrial(configuration: configuration, wiphy: wiphy, control: try RadioControl())
        trial.open = { order, _ throws(RadioError) in try make(order.way) }
        return trial
    }

    @Test("a radio that reports truly gives MAC acknowledgments, after three frames in one way, and a burst where one is wanted")
    func truthful() throws {
        var made: [RadioWay] = []
        var trial = try trial { way in
            made.append(way)
            return FakePort()
        }
        trial.probe.burst = 300
        let result = try trial.run()
        #expect(result.way == .accessPoint)
        #expect(result.failures.isEmpty)
        #expect(made == [.accessPoint])
        #expect(trial.reports.map(\.injected) == [3])
        #expect(trial.reports.map(\.echoes) == [3])
        #expect(trial.reports.map(\.falseEchoes) == [0])
        #expect(trial.reports.map(\.burst?.injected) == [300])
        #expect(trial.reports.map(\.burst?.echoes) == [300])
        #expect(trial.reports.map(\.gives) == ["mac"])
        #expect(result.outstanding == 48)
    }

    @Test("the address that nobody has comes from the generator that the trial is handed")
    func draws() throws {
        func receivers(_ seed: UInt64?) throws -> [MACAddress?] {
            let port = FakePort()
            var trial = try trial { _ in port }
            if let seed { trial.random = SeededRandom(seed: seed) }
            _ = try trial.run()
            return port.receivers
        }
        let drawn = try receivers(1)
        #expect(drawn.count == 3 + 48 && Set(drawn).count == 1, "an agent's burst is as large as the bound")
        #expect(drawn.allSatisfy { ($0?.rawValue ?? 0) >> 40 & 3 == 2 })
        #expect(try receivers(1) == drawn)
        #expect(try receivers(2) != drawn)
        #expect(try receivers(nil) != receivers(nil))
    }

    @Test("the probe goes to another address than the anchor's own station has, as frames to peers do")
    func stationless() throws {
        var stations: [MACAddress] = []
        let port = FakePort()
        var trial = try trial { _ in port }
        trial.open = { order, _ throws(RadioError) in
            stations.append(order.absentAddress)
            return port
        }
        _ = try trial.run()
        #expect(stations.count == 1)
        #expect(port.receivers.count == 3 + 48 && port.receivers.allSatisfy { $0 != stations.first })
    }

    @Test("a burst of which the radio forgets some is told")
    func forgetful() throws {
        var trial = try trial { _ in FakePort(mostReports: 100) }
        trial.probe.burst = 300
        let result = try trial.run()
        #expect(result.way == .accessPoint)
        #expect(trial.reports.first?.burst?.injected == 300)
        #expect(trial.reports.first?.burst?.echoes == 97)
        #expect(result.outstanding == 48)
    }

    @Test(
        "as many payloads may wait for their reports as the radio reported on at once, one at the least",
        arguments: [(0, 1), (1, 1), (20, 20), (47, 47), (48, 48), (1000, 48)])
    func outstanding(reports: Int, bound: Int) throws {
        var trial = try trial { _ in FakePort(mostReports: 3 + reports) }
        let result = try trial.run()
        #expect(result.way == .accessPoint)
        #expect(result.outstanding == bound)
    }

    @Test("a radio whose reports lie is told from one whose do not, and is used with acknowledgments in frames")
    func lying() throws {
        var trial = try trial { _ in LyingPort(FakePort()) }
        let result = try trial.run()
        #expect(result.way == .plain)
        #expect(
            result.failures == [WayFailure(.accessPoint, .falseReports), WayFailure(.active, .falseReports)])
        #expect(trial.reports.first?.falseEchoes == 3)
        #expect(trial.reports.first?.burst == nil)
        #expect(trial.reports.first?.problem?.name == "falseReports")
    }

    @Test("a way that the kernel refuses is left aside, with the kernel's cause")
    func refused() throws {
        let refusal = RadioError.refused(action: "start an access point", code: EOPNOTSUPP)
        var trial = try trial { way throws(RadioError) in
            if way == .accessPoint { throw refusal }
            return FakePort()
        }
        let result = try trial.run()
        #expect(result.way == .active)
        #expect(result.failures == [WayFailure(.accessPoint, .refused(cause: refusal.cause))])
        #expect(trial.reports.map(\.gives) == [nil, "mac"])
    }

    @Test(
        "what concerns the radio as a whole ends the trial",
        arguments: [RadioError.radioBlocked(wiphy: "phy0"), .interrupted])
    func hopeless(error: RadioError) throws {
        var trial = try trial { _ throws(RadioError) in throw error }
        #expect(throws: error) { try trial.run() }
    }

    @Test("ways that drop everything are left for the next; a check goes through all of them")
    func dropping() throws {
        var trial = try trial { FakePort(isSilent: $0.acknowledges) }
        trial.probesEveryWay = true
        let result = try trial.run()
        #expect(result.way == .plain)
        #expect(result.failures == [WayFailure(.accessPoint, .noReport), WayFailure(.active, .noReport)])
        #expect(trial.reports.map(\.way) == [.accessPoint, .active, .plain])
        #expect(trial.reports.map(\.echoes) == [0, 0, 3])
        #expect(trial.reports.map(\.injected) == [1, 1, 3])
        #expect(trial.reports.map(\.gives) == [nil, nil, "frame"])
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

    @Test(
        "the frequency of what is received is believed, not the one that was set: MAC acknowledgments on it are of no use"
    )
    func straying() throws {
        var trial = try trial(.mac) { _ in
            let port = FakePort()
            var packet = Packets.received(Packets.fromPeer())
            packet.replaceSubrange(10..<12, with: [0x85, 0x09])
            port.received = [packet]
            return port
        }
        let failures = [
            WayFailure(.accessPoint, .otherChannel(2437)), WayFailure(.active, .otherChannel(2437)),
        ]
        #expect(throws: RadioError.macAcknowledgmentImpossible(wiphy: "phy0", failures: failures)) { try trial.run() }
        #expect(trial.reports.first?.frequenciesHeard == [2437])
    }
}
