import CNetlink
import SessionCore
import Testing

@testable import RadioLinks

@Suite("How a radio is held is decided by what was observed")
struct WayChoiceTests {
    private func question(_ ways: [RadioWay], missing: [RadioWay] = [], every: Bool = false) -> WayChoice.Question {
        WayChoice.Question(
            wiphy: "phy0", ways: ways, missing: missing, probesEveryWay: every)
    }

    private let all: [RadioWay] = [.accessPoint, .active, .plain]

    private func seen(
        _ way: RadioWay, echoes: Int = 3, injected: Int = 3, falseEchoes: Int = 0, heard: [UInt16] = [],
        readBack: UInt16? = 2412
    ) -> WayReport {
        var seen = WayReport(way: way, frequency: 2412, frequencyReadBack: readBack)
        (seen.injected, seen.echoes, seen.falseEchoes) = (injected, echoes, falseEchoes)
        seen.frequenciesHeard = heard
        return seen
    }

    @Test("ways are tried in their order, and the first that works is used")
    func order() {
        #expect(WayChoice.next(question(all), after: [:]) == .probe(.accessPoint))
        #expect(WayChoice.next(question(all), after: [.accessPoint: .works]) == .use(.accessPoint, failures: []))
        let failed: [RadioWay: WayChoice.Outcome] = [.accessPoint: .fails(.noReport)]
        #expect(WayChoice.next(question(all), after: failed) == .probe(.active))
        #expect(
            WayChoice.next(question(all), after: [.accessPoint: .fails(.noReport), .active: .works])
                == .use(.active, failures: [WayFailure(.accessPoint, .noReport)]))
    }

    @Test("a plain monitor is taken untried when nothing else works, and says why")
    func plain() {
        let outcomes: [RadioWay: WayChoice.Outcome] = [.active: .fails(.falseReports)]
        #expect(
            WayChoice.next(question([.active, .plain], missing: [.accessPoint]), after: outcomes)
                == .use(
                    .plain,
                    failures: [WayFailure(.accessPoint, .notOffered), WayFailure(.active, .falseReports)]))
        #expect(WayChoice.next(question([.plain]), after: [:]) == .use(.plain, failures: []))
    }

    @Test("where MAC acknowledgments are wanted and no way gives them, the radio is refused with every reason")
    func mac() {
        let failures = [WayFailure(.accessPoint, .noReport), WayFailure(.active, .falseReports)]
        let outcomes: [RadioWay: WayChoice.Outcome] = [
            .accessPoint: .fails(.noReport), .active: .fails(.falseReports),
        ]
        #expect(
            WayChoice.next(question([.accessPoint, .active]), after: outcomes)
                == .refuse(.macAcknowledgmentImpossible(wiphy: "phy0", failures: failures)))
    }

    @Test("a check tries every way, and chooses as an agent does")
    func every() {
        let asked = question(all, every: true)
        #expect(WayChoice.next(asked, after: [.accessPoint: .works]) == .probe(.active))
        #expect(
            WayChoice.next(asked, after: [.accessPoint: .works, .active: .fails(.noReport)]) == .probe(.plain))
        #expect(
            WayChoice.next(asked, after: [.accessPoint: .works, .active: .fails(.noReport), .plain: .works])
                == .use(.accessPoint, failures: []))
    }

    @Test("a radio that is on another channel in every way is refused")
    func nowhere() {
        let outcomes: [RadioWay: WayChoice.Outcome] = [.plain: .fails(.otherChannel(2437))]
        #expect(
            WayChoice.next(question([.plain], every: true), after: outcomes)
                == .refuse(.radioNotHeld(wiphy: "phy0", failure: WayFailure(.plain, .otherChannel(2437)))))
    }

    @Test("reports that all say failed are believed; one that is false or missing is an obstacle")
    func obstacles() {
        #expect(seen(.accessPoint).obstacle == nil)
        #expect(seen(.active, falseEchoes: 1).obstacle == .falseReports)
        #expect(seen(.active, echoes: 0, injected: 1).obstacle == .noReport)
        #expect(seen(.accessPoint, echoes: 2).obstacle == .noReport)
        #expect(seen(.ibss, echoes: 0, injected: 0).obstacle == .noReport)
        #expect(seen(.plain, echoes: 0, injected: 1).obstacle == nil, "some drivers never report")
    }

    @Test("the frequency of received frames is believed, and what the kernel reads back, if either differs")
    func straying() {
        for way in RadioWay.allCases {
            #expect(seen(way, readBack: 2437).obstacle == .otherChannel(2437))
            #expect(seen(way, heard: [2437]).obstacle == .otherChannel(2437))
            #expect(seen(way, heard: [2412, 2417], readBack: nil).obstacle == nil)
        }
    }
}

@Suite("Which ways there are to hold a radio")
struct WaysTests {
    private func ways(
        _ types: [nl80211_iftype], active: Bool = true,
        _ acknowledgment: MonitorRadioConfiguration.Acknowledgment = .automatic,
        _ anchor: MonitorRadioConfiguration.Anchor = .automatic
    ) throws -> (offered: [RadioWay], missing: [RadioWay]) {
        var wiphy = Wiphy(index: 0)
        wiphy.interfaceTypes = Set((types + [NL80211_IFTYPE_MONITOR]).map(\.rawValue))
        wiphy.features = active ? NL80211_FEATURE_ACTIVE_MONITOR.rawValue : 0
        let configuration = MonitorRadioConfiguration(
            identifier: try #require(LinkIdentifier(1)), wiphy: "phy0", interface: "relink1", frequency: 2412,
            acknowledgment: acknowledgment, anchor: anchor)
        return configuration.ways(on: wiphy)
    }

    @Test("an access point first, an IBSS where that alone is offered, then an active monitor, then a plain one")
    func automatic() throws {
        #expect(try ways([NL80211_IFTYPE_AP, NL80211_IFTYPE_ADHOC]) == ([.accessPoint, .active, .plain], []))
        #expect(try ways([NL80211_IFTYPE_ADHOC]) == ([.ibss, .active, .plain], []))
        #expect(try ways([], active: false) == ([.plain], [.accessPoint, .active]))
    }

    @Test("what is configured is tried, and nothing else in its place")
    func configured() throws {
        let types = [NL80211_IFTYPE_AP, NL80211_IFTYPE_ADHOC]
        #expect(try ways(types, .automatic, .ibss) == ([.ibss, .active, .plain], []))
        #expect(try ways([NL80211_IFTYPE_ADHOC], .automatic, .accessPoint) == ([.active, .plain], [.accessPoint]))
        #expect(try ways(types, .automatic, .none) == ([.active, .plain], []))
        #expect(try ways(types, .mac, .none) == ([.active], []))
        #expect(try ways(types, .mac) == ([.accessPoint, .active], []))
        #expect(try ways(types, .frame, .accessPoint) == ([.plain], []))
    }
}
