import Testing

@testable import RadioLinks

@Suite("How a radio is used is decided by what was observed")
struct MonitorChoiceTests {
    private func question(
        _ wanted: MonitorRadioConfiguration.Acknowledgment, active: Bool = true, plain: Bool = false
    ) -> MonitorChoice.Question {
        MonitorChoice.Question(
            wanted: wanted, wiphy: "phy0", interface: "relink1", hasActiveMonitor: active, probesPlain: plain)
    }

    private func seen(
        _ monitor: MonitorKind, echoes: Int = 3, injected: Int = 3, falseEchoes: Int = 0, heard: [UInt16] = [],
        readBack: UInt16? = 2412
    ) -> MonitorObservations {
        var seen = MonitorObservations(monitor: monitor, frequency: 2412, frequencyReadBack: readBack)
        (seen.injected, seen.echoes, seen.falseEchoes) = (injected, echoes, falseEchoes)
        seen.frequenciesHeard = heard
        return seen
    }

    @Test("an active monitor is tried first, where there is one and MAC acknowledgments are wanted")
    func first() {
        #expect(MonitorChoice.next(question(.automatic), after: []) == .probe(.active))
        #expect(MonitorChoice.next(question(.mac), after: []) == .probe(.active))
        #expect(MonitorChoice.next(question(.frame), after: []) == .use(.plain, obstacle: nil))
        #expect(
            MonitorChoice.next(question(.automatic, active: false), after: [])
                == .use(.plain, obstacle: .noActiveMonitor))
    }

    @Test("reports that all say failed are believed")
    func truthful() {
        #expect(MonitorChoice.next(question(.automatic), after: [seen(.active)]) == .use(.active, obstacle: nil))
    }

    @Test("one false report, or one that is missing, makes it a plain monitor")
    func obstacles() {
        let cases: [(MonitorObservations, AcknowledgmentObstacle)] = [
            (seen(.active, falseEchoes: 3), .falseReports), (seen(.active, falseEchoes: 1), .falseReports),
            (seen(.active, echoes: 0, injected: 1), .noReport), (seen(.active, echoes: 2), .noReport),
            (seen(.active, echoes: 0, injected: 0), .noReport),
        ]
        for (seen, obstacle) in cases {
            #expect(MonitorChoice.next(question(.automatic), after: [seen]) == .use(.plain, obstacle: obstacle))
            let error = RadioError.macAcknowledgmentImpossible(wiphy: "phy0", reason: obstacle)
            #expect(MonitorChoice.next(question(.mac), after: [seen]) == .refuse(error))
        }
        let error = RadioError.macAcknowledgmentImpossible(wiphy: "phy0", reason: .noActiveMonitor)
        #expect(MonitorChoice.next(question(.mac, active: false), after: []) == .refuse(error))
    }

    @Test("a check probes the plain monitor too, and nothing but its channel depends on that")
    func plain() {
        let silent = seen(.active, echoes: 0, injected: 1)
        let asked = question(.automatic, plain: true)
        #expect(MonitorChoice.next(asked, after: [silent]) == .probe(.plain))
        #expect(MonitorChoice.next(asked, after: [silent, seen(.plain)]) == .use(.plain, obstacle: .noReport))
        #expect(
            MonitorChoice.next(asked, after: [silent, seen(.plain, echoes: 0, injected: 1)])
                == .use(.plain, obstacle: .noReport))
        #expect(MonitorChoice.next(question(.frame, plain: true), after: []) == .probe(.plain))
    }

    @Test("a radio on another channel than the one set is refused, whoever says so")
    func straying() {
        let refusal = MonitorChoice.refuse(.channelNotKept(interface: "relink1", wanted: 2412, found: 2437))
        for kind in [MonitorKind.active, .plain] {
            #expect(MonitorChoice.next(question(.automatic), after: [seen(kind, readBack: 2437)]) == refusal)
            #expect(MonitorChoice.next(question(.automatic), after: [seen(kind, heard: [2437])]) == refusal)
        }
        #expect(
            MonitorChoice.next(question(.automatic), after: [seen(.active, heard: [2412, 2417], readBack: nil)])
                == .use(.active, obstacle: nil))
    }
}
