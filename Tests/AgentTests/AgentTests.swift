import ControlProtocol
import EventLoop
import IEEE80211
import RadioLinks
import SessionCore
import Testing

@testable import Agent

@Suite("The agent between core and radios", .timeLimit(.minutes(1)))
struct AgentTests {
    private let number = TransmissionNumber(rawValue: 7)

    // MARK: Frames

    @Test("what the core says to send leaves on that link's radio and no other")
    func transmit() throws {
        let fixture = try AgentFixture()
        let other = try #require(fixture.radio(fixture.link1)).sent
        fixture.agent.perform(.transmit(link: fixture.link2, number: number, mpdu: [1, 2, 3]))
        #expect(fixture.radio(fixture.link2)?.sent.last == [1, 2, 3])
        #expect(fixture.radio(fixture.link2)?.numbers.last == number)
        #expect(fixture.radio(fixture.link1)?.sent == other)
    }

    @Test("the core hears of links and speaks to the peer on both")
    func coreSpeaks() throws {
        let fixture = try AgentFixture()
        try fixture.run { [fixture.link1, fixture.link2].allSatisfy { fixture.radio($0)?.sent.isEmpty == false } }
        for (link, address) in [(fixture.link1, "02:52:4c:01:00:0b"), (fixture.link2, "02:52:4c:02:00:0b")] {
            let frame = try #require(fixture.radio(link)?.sent.first)
            let header = try MACHeader(parsing: frame.span)
            #expect(header.address1 == MACAddress(address))
        }
    }

    @Test("what radios report of frames reaches the core", arguments: [true, false])
    func reports(acknowledged: Bool) throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        let heartbeat = PeerAction.heartbeat(
            Heartbeat(
                flags: [.radioAcknowledges], transmission: TransmissionNumber(rawValue: 1), interval: 98, sessions: []))
        let frame = ActionFrame(
            receiver: radio.properties.address, transmitter: try #require(MACAddress("02:52:4c:01:00:0b")),
            action: .vendorSpecific(heartbeat.action))
        var answered = 0
        try fixture.run {
            for number in radio.numbers[answered...] {
                radio.tell(.transmitted(number: number, acknowledged: acknowledged))
                radio.tell(.frame(signal: nil, frequency: nil), mpdu: frame.serialized())
            }
            answered = radio.numbers.count
            return answered > 3
        }
        // A link is alive when what is sent is acknowledged and the peer is heard; heard alone is not enough.
        let health = fixture.agent.statusReport().peers.first?.links.first?.health
        #expect(health == (acknowledged ? "alive" : "unknown"))
    }

    @Test("received frames reach the core, and broken ones hurt nobody")
    func malformedFrames() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        for mpdu in [[], [0xd0], [UInt8](repeating: 0xff, count: 4000)] {
            radio.tell(.frame(signal: nil, frequency: nil), mpdu: mpdu)
        }
        try fixture.run {
            let discarded = fixture.agent.statusReport().discarded
            return discarded.malformed + discarded.unknownSender + discarded.foreign == 3
        }
        #expect(fixture.status(fixture.link1)?.state == "up")
    }

    @Test("a radio without room is offered the frames again, in their order")
    func backPressure() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        let before = radio.sent.count
        radio.refusals = 3
        let frames = (0..<5).map { [UInt8($0)] }
        for frame in frames { fixture.agent.perform(.transmit(link: fixture.link1, number: number, mpdu: frame)) }
        #expect(radio.sent.count == before)
        try fixture.run { radio.sent.count >= before + 5 }
        #expect(radio.sent.filter { $0.count == 1 } == frames)
        #expect(fixture.status(fixture.link1)?.counters.backPressure == 3)
        #expect(fixture.status(fixture.link1)?.counters.dropped == 0)
    }

    @Test("a radio that takes fewer frames than it was offered gets the others next, in their order")
    func fewAtOnce() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        radio.mostAtOnce = 2
        let frames = (0..<5).map { [UInt8($0)] }
        for frame in frames { fixture.agent.transmit(frame.span, number: number, on: fixture.link1) }
        fixture.agent.sendFrames()
        #expect(radio.sent.filter { $0.count == 1 } == frames)
        #expect(fixture.status(fixture.link1)?.counters.backPressure == 0)
    }

    @Test("a turn may have more frames than may wait")
    func longTurn() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        let frames = (0..<3 * SendBacklog.capacity).map { [UInt8($0)] }
        for frame in frames { fixture.agent.transmit(frame.span, number: number, on: fixture.link1) }
        fixture.agent.sendFrames()
        #expect(radio.sent.filter { $0.count == 1 } == frames)
        #expect(fixture.status(fixture.link1)?.counters.dropped == 0)
    }

    @Test("not more frames wait than there is place for, and those given up are counted")
    func backlogLimit() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        radio.refusals = .max
        for _ in 0..<SendBacklog.capacity + 5 {
            fixture.agent.perform(.transmit(link: fixture.link1, number: number, mpdu: [0]))
        }
        #expect(fixture.status(fixture.link1)?.counters.dropped == 5)
        fixture.events.tell(.interfaceRemoved(index: radio.interfaceIndex, name: "relink1"))
        try fixture.run { fixture.radio(fixture.link1) == nil }
        let dropped = try #require(fixture.status(fixture.link1)?.counters.dropped)
        #expect(
            dropped >= UInt64(SendBacklog.capacity) + 5, "what waits for a radio that is gone is given up, and counted")
    }

    @Test("a frame that is too long is given up, and the link stays")
    func frameTooLong() throws {
        let fixture = try AgentFixture()
        let radio = try #require(fixture.radio(fixture.link1))
        radio.sendError = .frameTooLong(interface: "relink1", length: 3000, mtu: 2304)
        fixture.agent.perform(.transmit(link: fixture.link1, number: number, mpdu: [0]))
        #expect(fixture.status(fixture.link1)?.counters.dropped == 1)
        #expect(fixture.status(fixture.link1)?.state == "up")
    }

    // MARK: Events

    @Test("events of the core reach who follows the control socket, with link, device and time")
    func eventReports() throws {
        let fixture = try AgentFixture()
        let client = try RawClient(path: fixture.agent.configuration.controlPath)
        client.send(.events(all: true))
        var reports: [EventReport] = []
        try fixture.run {
            while let message = client.next() { if case .event(let report) = message { reports.append(report) } }
            return reports.count >= 2
        }
        #expect(reports.prefix(2).map(\.event) == ["linkUp", "linkUp"])
        #expect(reports.prefix(2).map(\.link) == [1, 2])
        #expect(reports.prefix(2).allSatisfy { $0.device == "02:52:4c:00:00:0a" && $0.acknowledgment == "mac" })
        #expect(reports.prefix(2).allSatisfy { $0.wallClock.utf8.count == "2026-01-01T00:00:00.000000Z".utf8.count })
        #expect(reports[0].monotonicNanoseconds <= reports[1].monotonicNanoseconds)
    }

    @Test("every field of an event is told")
    func eventFields() throws {
        let fixture = try AgentFixture()
        let session = SessionDescription(
            identifier: SessionIdentifier(rawValue: 0x0123), tid: .bestEffort, role: .receiver)
        let report = fixture.agent.report(
            of: Event(
                .ended, peer: MACAddress(rawValue: 0x0252_4c00_000b), link: fixture.link2, session: session,
                cause: .inactivity, elapsed: .microseconds(1500), frames: 3, framesLost: 2,
                links: [fixture.link1, fixture.link2]),
            at: MonotonicInstant(nanoseconds: 7))
        #expect(report.monotonicNanoseconds == 7)
        #expect(report.event == "ended")
        #expect(report.peer == "02:52:4c:00:00:0b")
        #expect(report.link == 2)
        #expect(report.session == "0000000000000123")
        #expect(report.tid == 0)
        #expect(report.role == "receiver")
        #expect(report.cause == "inactivity")
        #expect(report.elapsedMicroseconds == 1500)
        #expect(report.frames == 3)
        #expect(report.framesLost == 2)
        #expect(report.links == [1, 2])
        let other = fixture.agent.report(of: Event(.linkUp, link: fixture.link1), at: MonotonicInstant(nanoseconds: 7))
        #expect(other.links == nil, "left out of the JSON")
    }

    // MARK: The end

    @Test("at the end the peers hear of it, and all radios are closed")
    func stopping() throws {
        let fixture = try AgentFixture()
        let client = try RawClient(path: fixture.agent.configuration.controlPath)
        client.send(.events(all: true))
        try fixture.run { client.next() != nil }
        fixture.agent.stop()
        try fixture.agent.loop.run()
        fixture.agent.finish()
        #expect(fixture.shop.made.count == 2)
        #expect(fixture.shop.made.allSatisfy { $0.isClosed })
        var last: ControlMessage?
        while let message = client.next() { last = message }
        #expect(last == .farewell)
    }

    @Test("not to be allowed to use radios is the end, and what was made is removed")
    func permissionDenied() throws {
        let two = try #require(LinkIdentifier(2))
        let fixture = try AgentFixture(problems: [two: .permissionDenied(action: "make an interface")], starts: false)
        #expect(throws: AgentError.self) { try fixture.agent.run() }
        #expect(fixture.shop.made.count == 1)
        #expect(fixture.shop.made.allSatisfy { $0.isClosed })
    }

    @Test("wall clock times are ISO 8601 with microseconds")
    func wallClock() {
        #expect(WallClock.text(seconds: 1_767_225_600, nanoseconds: 1_999) == "2026-01-01T00:00:00.000001Z")
    }

    @Test(
        "a flood that is costly to refuse is taken in for some time only, and whole before a link is judged for silence"
    )
    func flood() throws {
        let fixture = try AgentFixture()
        let link = try #require(fixture.agent.link(fixture.link1))
        let radio = try #require(fixture.radio(fixture.link1))
        // One step takes 6.4 ms at least, which is more than the time there is.
        radio.floodedFor = 200
        let steps = MonitorRadio.mostWaiting / Agent.receiveStep
        for (isWhole, expected) in [(false, 1), (true, steps)] {
            let before = radio.receptions
            fixture.agent.receive(from: link, isWhole: isWhole)
            #expect(radio.receptions - before == expected)
        }
        radio.floodedFor = nil
    }
}
