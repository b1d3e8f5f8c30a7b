import CNetlink
import IEEE80211
import SessionCore
import Testing

@testable import RadioLinks

@Suite("Radios that change payload frames", .timeLimit(.minutes(1)))
struct RewritingTests {
    private func trial(
        _ acknowledgment: MonitorRadioConfiguration.Acknowledgment = .automatic,
        rewrite: @escaping (inout [UInt8]) -> Void
    ) throws -> WayTrial {
        var wiphy = Wiphy(index: 0)
        wiphy.name = "phy0"
        wiphy.interfaceTypes = [NL80211_IFTYPE_AP.rawValue, NL80211_IFTYPE_MONITOR.rawValue]
        let configuration = MonitorRadioConfiguration(
            identifier: try #require(LinkIdentifier(1)), wiphy: "phy0", interface: "relink1", frequency: 2412,
            acknowledgment: acknowledgment)
        var trial = WayTrial(configuration: configuration, wiphy: wiphy, control: try RadioControl())
        trial.open = { _, _ throws(RadioError) in RewritingPort(FakePort(), rewrite) }
        return trial
    }

    @Test("one that changes nothing is intact, whatever it sets of retry flag, duration and sequence number")
    func intact() throws {
        var trial = try trial { _ in }
        #expect(try trial.run().way == .accessPoint)
        #expect(trial.reports.map(\.payload) == [.intact])
    }

    @Test("bits of QoS Control that no receiver reads may change: the reports are matched all the same")
    func rebuilt() throws {
        var trial = try trial {
            $0[24] |= 0xf0
            $0[25] = 0x7e
        }
        #expect(try trial.run().way == .accessPoint)
        #expect(trial.reports.map(\.payload) == [.qosRebuilt])
        #expect(trial.reports.map(\.echoes) == [3])
        #expect(trial.reports.map(\.gives) == ["mac"])
    }

    @Test("a radio that takes QoS Control away gives acknowledgments in frames, or is refused where MAC ones are wanted")
    func removed() throws {
        let remove: (inout [UInt8]) -> Void = {
            $0[0] = 0x08
            $0.removeSubrange(24..<26)
        }
        let failures = [WayFailure(.active, .notOffered), WayFailure(.accessPoint, .payloadReshaped)]
        var trial = try trial(rewrite: remove)
        let result = try trial.run()
        #expect(result.way == .plain)
        #expect(result.failures == failures)
        #expect(trial.reports.first?.problem?.name == "payloadReshaped")
        var strict = try self.trial(.mac, rewrite: remove)
        #expect(throws: RadioError.macAcknowledgmentImpossible(wiphy: "phy0", failures: failures)) { try strict.run() }
    }

    @Test(
        "a radio that changes what receivers rely on is refused, in every way",
        arguments: [(1, 0x10), (1, 0x40), (16, 0x01), (22, 0x01), (24, 0x05), (26, 0x01), (97, 0x80)] as [(Int, UInt8)])
    func changed(octet: Int, bits: UInt8) throws {
        let error = RadioError.radioNotHeld(wiphy: "phy0", failure: WayFailure(.accessPoint, .payloadChanged))
        var trial = try trial { $0[octet] ^= bits }
        #expect(throws: error) { try trial.run() }
        #expect(error.remedy.contains("another radio"))
        var check = try self.trial(.frame) { $0[octet] ^= bits }
        check.probesEveryWay = true
        let plain = RadioError.radioNotHeld(wiphy: "phy0", failure: WayFailure(.plain, .payloadChanged))
        #expect(throws: plain) { try check.run() }
        #expect(check.reports.map(\.payload) == [.changed])
    }
}
