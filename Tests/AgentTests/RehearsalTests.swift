@testable import Agent
import SessionCore
import Testing

@Suite struct RehearsalTests {
    @Test("the rehearsal goes through a session's whole life", arguments: AcknowledgmentSource.allCases)
    func wholeLife(acknowledgment: AcknowledgmentSource) {
        var rehearsal = Rehearsal(acknowledgment: acknowledgment)
        rehearsal.run()
        let kinds = Set(rehearsal.events.map(\.kind))
        #expect(
            kinds.isSuperset(of: [
                .linkUp, .linkAlive, .sessionRequested, .established, .linkSuspect, .linkLost, .interrupted,
                .rebuildRequested, .rebuilt, .ended,
            ]))
        #expect(rehearsal.delivered == 2)
    }
}
