import ControlProtocol
import IEEE80211
import SessionCore
import Testing

@testable import Agent
@testable import RadioLinks

@Suite("Radios that fail, vanish and come back", .timeLimit(.minutes(1)))
struct LostRadioTests {
    @Test("an interface that is set down and up again: the same radio, put in order")
    func downAndUp() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        fixture.events.tell(.interfaceDown(index: radio.interfaceIndex, name: "relink1"))
        try fixture.run { fixture.status(fixture.link1)?.state == "down" }
        #expect(fixture.status(fixture.link1)?.cause == "interfaceDown")
        #expect(fixture.status(fixture.link2)?.state == "up")
        #expect(!radio.isClosed, "somebody set it down: it stays as it is")
        #expect(
            fixture.agent.link(fixture.link1)?.retryInstant == nil, "nothing is tried before the kernel tells something"
        )
        fixture.events.tell(.interfaceUp(index: radio.interfaceIndex, name: "relink1"))
        try fixture.run { fixture.status(fixture.link1)?.state == "up" }
        #expect(fixture.radio(fixture.link1) === radio)
        #expect(radio.restorations == 1)
    }

    @Test(
        "what becomes of the interface that holds the radio is taken as what becomes of the radio",
        arguments: [
            (.accessPointStopped(index: 0), .anchorStopped(interface: "relink1a"), "channelChanged"),
            (.carrierLost(index: 0, name: "relink1a"), .anchorStopped(interface: "relink1a"), "channelChanged"),
            (.channelChanged(index: 0, frequency: 2437), nil, "channelChanged"),
        ] as [(RadioEvent, RadioError?, String)])
    func anchorLost(event: RadioEvent, found: RadioError?, cause: String) throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        radio.stateError = found
        fixture.events.tell(event.about(try #require(radio.companionIndex)))
        try fixture.run { fixture.status(fixture.link1)?.state == "down" }
        #expect(fixture.status(fixture.link1)?.cause == cause)
        #expect(fixture.status(fixture.link2)?.state == "up")
        #expect(!radio.isClosed)
        radio.stateError = nil
        try fixture.run { fixture.status(fixture.link1)?.state == "up" }
        #expect(fixture.radio(fixture.link1) === radio)
        #expect(radio.restorations == 1, "the anchor is started again by itself")
    }

    @Test("RAT-2: a radio has the peers' radios before the first frame goes out, and again when it is made anew")
    func peers() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        let first = try #require(radio.peers.first)
        #expect(first.sentBefore == 0)
        #expect(!first.radios.isEmpty)
        fixture.events.tell(.interfaceRemoved(index: radio.interfaceIndex, name: "relink1"))
        try fixture.run { fixture.status(fixture.link1)?.state == "down" }
        try fixture.run { fixture.status(fixture.link1)?.state == "up" }
        let other = try #require(fixture.radio(fixture.link1))
        #expect(other !== radio)
        #expect(other.peers.first?.radios == first.radios)
        #expect(other.peers.first?.sentBefore == 0)
    }

    @Test(
        "an access point that stops because rfkill set its interface down comes back when rfkill switches the radio on")
    func anchorSwitchedOff() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        radio.isSwitchedOff = true
        radio.stateError = .interfaceDown(interface: "relink1a")
        fixture.events.tell(.accessPointStopped(index: try #require(radio.companionIndex)))
        try fixture.run { fixture.status(fixture.link1)?.state == "down" }
        #expect(fixture.status(fixture.link1)?.cause == "interfaceDown")
        radio.isSwitchedOff = false
        radio.stateError = nil
        fixture.events.tell(.switchChanged)
        try fixture.run { fixture.status(fixture.link1)?.state == "up" }
        #expect(fixture.radio(fixture.link1) === radio)
    }

    @Test("an anchor that somebody set down stays down until somebody sets it up")
    func anchorDown() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        let index = try #require(radio.companionIndex)
        fixture.events.tell(.interfaceDown(index: index, name: "relink1a"))
        try fixture.run { fixture.status(fixture.link1)?.state == "down" }
        #expect(fixture.status(fixture.link1)?.cause == "interfaceDown")
        #expect(fixture.agent.link(fixture.link1)?.retryInstant == nil)
        fixture.events.tell(.interfaceUp(index: index, name: "relink1a"))
        try fixture.run { fixture.status(fixture.link1)?.state == "up" }
        #expect(radio.restorations == 1)
    }

    @Test("an anchor that somebody deleted takes the radio with it, and all is made again")
    func anchorDeleted() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        fixture.events.tell(.interfaceRemoved(index: try #require(radio.companionIndex), name: "relink1a"))
        try fixture.run { fixture.shop.made.count == 3 }
        #expect(radio.isClosed)
        #expect(fixture.status(fixture.link1)?.state == "up")
    }

    @Test(
        "a station that is removed, and another regulatory domain, let the radio be looked at",
        arguments: [RadioEvent.stationRemoved(index: 0), .regulatoryDomainChanged])
    func looked(event: RadioEvent) throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        try fixture.run { radio.checks == 1 }
        let told = event.about(try #require(radio.companionIndex))
        fixture.events.tell(told)
        fixture.events.tell(.interfaceUp(index: 99, name: "eth0"))
        try fixture.run { radio.checks == 2 }
        #expect(fixture.status(fixture.link1)?.state == "up", "nothing is wrong with it")
        radio.stateError = .anchorStopped(interface: "relink1a")
        fixture.events.tell(told)
        try fixture.run { fixture.status(fixture.link1)?.state == "down" }
        #expect(fixture.status(fixture.link1)?.cause == "channelChanged")
        #expect(fixture.status(fixture.link1)?.problem?.contains("relink1a") == true)
    }

    @Test("what happened to a radio while it was made, and passed for the making itself, is found soon after")
    func lostWhileMade() throws {
        let fixture = try AgentFixture(starts: false)
        fixture.shop.isBorn = { [events = fixture.events] radio in
            radio.stateError = .interfaceDown(interface: "relink1")
            events.tell(.interfaceDown(index: radio.interfaceIndex, name: "relink1"))
        }
        try fixture.agent.start()
        #expect(fixture.status(fixture.link1)?.state == "up", "the event is one that making a radio causes as well")
        try fixture.run { fixture.status(fixture.link1)?.state == "down" }
        #expect(fixture.status(fixture.link1)?.cause == "interfaceDown")
    }

    @Test("a radio that rfkill switched off is set up again when rfkill switches it on, not before")
    func rfkill() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        radio.isSwitchedOff = true
        fixture.events.tell(.interfaceDown(index: radio.interfaceIndex, name: "relink1"))
        try fixture.run { fixture.status(fixture.link1)?.state == "down" }
        radio.stateError = .radioBlocked(wiphy: "phy0")
        fixture.events.tell(.switchChanged)
        try fixture.run { radio.restorations == 1 }
        #expect(fixture.status(fixture.link1)?.state == "down")
        #expect(!radio.isClosed)
        radio.stateError = nil
        radio.isSwitchedOff = false
        fixture.events.tell(.switchChanged)
        try fixture.run { fixture.status(fixture.link1)?.state == "up" }
        #expect(fixture.radio(fixture.link1) === radio)
        #expect(radio.timesSetUp == 2)
    }

    @Test("a radio that is plugged in again under another name")
    func pluggedInElsewhere() throws {
        let configuration = try AgentConfiguration(parsing: AgentFixture.text, file: "a.toml").links[0]
        let link = ManagedLink(configuration)
        let radio = FakeRadio(configuration, index: 9)
        radio.permanentAddress = MACAddress("00:c0:ca:00:00:01")
        _ = try link.open({ _ throws(RadioError) in radio }, now: MonotonicInstant(nanoseconds: 0))
        #expect(link.configuration.permanentAddress == radio.permanentAddress)
        link.lose(.interfaceRemoved, keepsRadio: false)
        #expect(link.reaction(to: .wiphyAdded(name: "phy7")) == .retry)
    }

    @Test("an interface that is up again but can't be put in order is made anew")
    func notRestorable() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        fixture.events.tell(.interfaceDown(index: radio.interfaceIndex, name: "relink1"))
        radio.stateError = .closed(interface: "relink1")
        fixture.events.tell(.interfaceUp(index: radio.interfaceIndex, name: "relink1"))
        try fixture.run { fixture.shop.made.count == 3 }
        #expect(radio.isClosed)
        #expect(fixture.status(fixture.link1)?.state == "up")
    }

    @Test("a radio that is unplugged and plugged in again")
    func unplugged() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        fixture.shop.problems[fixture.link1] = .wiphyNotFound(name: "phy0", available: [])
        fixture.events.tell(.interfaceRemoved(index: radio.interfaceIndex, name: "relink1"))
        fixture.events.tell(.wiphyRemoved(name: "phy0"))
        try fixture.run { fixture.status(fixture.link1)?.problem != nil }
        #expect(radio.isClosed)
        #expect(fixture.status(fixture.link1)?.cause == "interfaceRemoved")
        fixture.shop.problems = [:]
        #expect(
            fixture.agent.link(fixture.link1)?.retryInstant == nil, "nothing is tried before the kernel tells something"
        )
        fixture.events.tell(.wiphyAdded(name: "phy0"))
        try fixture.run { fixture.status(fixture.link1)?.state == "up" }
    }

    @Test("a radio that is missing at the start may come later")
    func late() throws {
        let two = try #require(LinkIdentifier(2))
        let fixture = try AgentFixture(problems: [two: .wiphyNotFound(name: "phy1", available: ["phy0"])])
        #expect(fixture.status(two)?.state == "down")
        #expect(fixture.status(fixture.link1)?.state == "up")
        fixture.shop.problems = [:]
        fixture.events.tell(.wiphyAdded(name: "phy1"))
        try fixture.run { fixture.status(two)?.state == "up" }
    }

    @Test("a radio that fails when it is read or sent through is made anew", arguments: [false, true])
    func failing(whenSending: Bool) throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        let error = RadioError.captureFailed(interface: "relink1", action: "read", message: "broken")
        if whenSending {
            radio.sendError = error
            fixture.agent.perform(
                .transmit(link: fixture.link1, number: TransmissionNumber(rawValue: 1), mpdu: [0]))
        } else {
            radio.receiveError = error
        }
        try fixture.run { fixture.status(fixture.link1)?.cause == "radioFailed" }
        #expect(radio.isClosed)
        try fixture.run { fixture.status(fixture.link1)?.state == "up" }
        #expect(fixture.radio(fixture.link1) !== radio)
    }

    @Test("an interface that somebody moved to another channel is found when the peer is lost there, and moved back")
    func moved() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        radio.stateError = .channelNotKept(interface: "relink1", wanted: 2412, found: 2437)
        fixture.agent.perform(.event(Event(.linkLost, link: fixture.link1, cause: .silence)))
        try fixture.run { fixture.status(fixture.link1)?.cause == "channelChanged" }
        radio.stateError = nil
        try fixture.run { fixture.status(fixture.link1)?.state == "up" }
        #expect(fixture.radio(fixture.link1) === radio)
    }

    @Test("acknowledgments are proved when a frame to a peer is reported as acknowledged, anew for every radio")
    func proved() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        radio.counters.notAcknowledged = 3
        #expect(fixture.status(fixture.link1)?.acknowledgmentsProved == false)
        #expect(fixture.agent.statusReport().text.contains("mac, not yet proved"))
        radio.counters.acknowledged = 1
        #expect(fixture.status(fixture.link1)?.acknowledgmentsProved == true)
        #expect(fixture.status(fixture.link1)?.outstanding == 48)
        #expect(fixture.agent.statusReport().text.contains("mac, proved"))
        fixture.events.tell(.interfaceRemoved(index: radio.interfaceIndex, name: "relink1"))
        try fixture.run { fixture.status(fixture.link1)?.state == "down" }
        #expect(fixture.status(fixture.link1)?.acknowledgmentsProved == nil)
        try fixture.run { fixture.status(fixture.link1)?.state == "up" }
        #expect(fixture.status(fixture.link1)?.acknowledgmentsProved == false)
    }

    @Test("counters go on over the radios of a link")
    func countersGoOn() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        radio.counters.malformed = 5
        fixture.events.tell(.interfaceRemoved(index: radio.interfaceIndex, name: "relink1"))
        try fixture.run { fixture.status(fixture.link1)?.state == "down" }
        try fixture.run { fixture.status(fixture.link1)?.state == "up" }
        fixture.radio(fixture.link1)?.counters.malformed = 2
        #expect(fixture.status(fixture.link1)?.counters.malformed == 7)
    }

    @Test("making a radio causes events; none of them makes it be made again")
    func noLoop() throws {
        let configuration = try AgentConfiguration(parsing: AgentFixture.text, file: "a.toml").links[0]
        let problems: [RadioError] = [
            .channelBusy(wiphy: "phy0", frequency: 2412, interfaces: ["wlan0"]),
            .macAcknowledgmentImpossible(wiphy: "phy0", failures: [WayFailure(.active, .noReport)]),
            .channelForbidden(
                wiphy: "phy0", frequency: 2412, restriction: .disabled, regulatoryDomain: "00"),
        ]
        for problem in problems {
            let link = ManagedLink(configuration)
            #expect(throws: problem) {
                try link.open({ _ throws(RadioError) in throw problem }, now: MonotonicInstant(nanoseconds: 0))
            }
            for event in [
                RadioEvent.interfaceDown(index: 9, name: "relink1"), .interfaceUp(index: 9, name: "relink1"),
                .interfaceRemoved(index: 9, name: "relink1"), .channelChanged(index: 9, frequency: 2412),
                .wiphyAdded(name: "phy7"), .wiphyRemoved(name: "phy0"), .interfaceUp(index: 8, name: "wlan0"),
            ] {
                #expect(link.reaction(to: event) == .none)
            }
        }
    }

    @Test("what kept a link down and is over makes it be tried again")
    func reasons() throws {
        let configuration = try AgentConfiguration(parsing: AgentFixture.text, file: "a.toml").links[0]
        let cases: [(RadioError, RadioEvent)] = [
            (.channelBusy(wiphy: "phy0", frequency: 2412, interfaces: []), .interfaceDown(index: 8, name: "wlan0")),
            (.channelBusy(wiphy: "phy0", frequency: 2412, interfaces: []), .interfaceRemoved(index: 8, name: "wlan0")),
            (.radioHeld(wiphy: "phy0", holders: []), .interfaceDown(index: 8, name: "wlan0")),
            // Another agent has it.
            (
                .radioHeld(
                    wiphy: "phy0",
                    holders: [
                        RadioInterface(
                            name: "relink1", index: 8, mode: .monitor, up: true, address: "02:00:00:00:00:00",
                            madeByRelink: true, programs: [])
                    ]),
                .interfaceRemoved(index: 8, name: "relink1")
            ),
            (.interfaceNameTaken(interface: "relink1"), .interfaceRemoved(index: 8, name: "relink1")),
            (.wiphyNotFound(name: "phy0", available: []), .wiphyAdded(name: "phy0")),
            // One that is named by its permanent address may come under any name.
            (.wiphyNotFound(name: "02:00:00:00:00:00", available: []), .wiphyAdded(name: "phy7")),
            (
                .channelForbidden(
                    wiphy: "phy0", frequency: 2412, restriction: .disabled, regulatoryDomain: "00"),
                .regulatoryDomainChanged
            ),
            (.radioBlocked(wiphy: "phy0"), .eventsLost),
        ]
        for (problem, event) in cases {
            let link = ManagedLink(configuration)
            #expect(throws: problem) {
                try link.open({ _ throws(RadioError) in throw problem }, now: MonotonicInstant(nanoseconds: 0))
            }
            #expect(link.reaction(to: event) == .retry, "\(problem)")
        }
    }

    @Test("a radio that fails again and again is made more and more seldom, and at once when the kernel gives hope")
    func backOff() throws {
        let configuration = try AgentConfiguration(parsing: AgentFixture.text, file: "a.toml").links[0]
        let link = ManagedLink(configuration)
        var now = MonotonicInstant(nanoseconds: 0)
        var delays: [Duration] = []
        for _ in 0..<9 {
            _ = try link.open({ FakeRadio($0, index: 1) }, now: now)
            link.lose(.radioFailed, keepsRadio: false)
            link.retryLater(now: now)
            let instant = try #require(link.retryInstant)
            delays.append(instant - now)
            now = instant
        }
        #expect(
            delays.map(\.microseconds) == [300, 600, 1200, 2400, 4800, 9600, 19200, 30000, 30000].map { $0 * 1000 })
        _ = try link.open({ FakeRadio($0, index: 1) }, now: now)
        link.lose(.radioFailed, keepsRadio: false)
        link.retryLater(now: now)
        link.retrySoon(now: now)
        #expect(link.retryInstant == now + ManagedLink.shortestRetryDelay)
    }
}

extension RadioEvent {
    /// The same event about another interface; itself where it is about none.
    fileprivate func about(_ index: UInt32) -> RadioEvent {
        switch self {
        case .accessPointStopped: .accessPointStopped(index: index)
        case .carrierLost(_, let name): .carrierLost(index: index, name: name)
        case .channelChanged(_, let frequency): .channelChanged(index: index, frequency: frequency)
        case .stationRemoved: .stationRemoved(index: index)
        default: self
        }
    }
}
