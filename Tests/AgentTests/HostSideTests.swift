import ControlProtocol
import Glibc
import HostInterface
import IEEE80211
import SessionCore
import Testing

@testable import Agent

@Suite("The host's traffic", .timeLimit(.minutes(1)))
struct HostSideTests {
    private static let own: UInt64 = 0x0252_4c00_000a
    private static let peer: UInt64 = 0x0252_4c00_000b
    private static let stranger: UInt64 = 0x0252_4c00_0099

    /// The interface as `relink status` shows it.
    private func report(_ fixture: AgentFixture) throws -> StatusReport.Interface {
        try #require(fixture.agent.statusReport().interface)
    }

    @Test("a frame for the peer waits in a session of its TID, one for a group, too; others are dropped and counted")
    func fromHost() throws {
        let port = FakeHostPort()
        let fixture = try AgentFixture(host: port)
        port.send(ethernetFrame(to: Self.peer, from: Self.own, dscp: 46))
        port.send(ethernetFrame(to: 0xffff_ffff_ffff, from: Self.own))
        port.send(ethernetFrame(to: Self.stranger, from: Self.own))
        port.send(ethernetFrame(to: Self.peer, from: Self.stranger))
        port.send([1, 2, 3])
        try fixture.run { fixture.agent.host?.counters.fromHost == 5 }
        let sessions = fixture.agent.statusReport().sessions
        #expect(sessions.map(\.tid) == [0, 6])
        #expect(sessions.map(\.queued) == [1, 1])
        let counters = try report(fixture).counters
        #expect((counters.noSuchPeer, counters.foreignSource, counters.malformed) == (1, 1, 1))
        #expect(counters.dropped == 3)
        let text = fixture.agent.statusReport().text
        #expect(text.contains("relink0    no carrier  1390"))
        #expect(text.contains("1 malformed, 1 foreign source, 1 no such peer"))
    }

    @Test("the host reaches who is discovered, and what it sends wakes a silent agent")
    func discovered() throws {
        let port = FakeHostPort()
        let text = AgentFixture.text.prefix(
            upTo: try #require(AgentFixture.text.firstRange(of: "[[peers]]")).lowerBound)
        let fixture = try AgentFixture(host: port, text: text + "[discovery]\nmode = \"listen\"")
        port.send(ethernetFrame(to: Self.peer, from: Self.own))
        try fixture.run { fixture.agent.host?.counters.noSuchPeer == 1 }
        #expect(fixture.agent.host?.carrier == false)
        let announcement = Announcement(
            mldAddress: MACAddress(rawValue: Self.peer), link: fixture.link1, capabilities: [.rebuild], interval: 977)
        let mpdu = ActionFrame(
            receiver: .broadcast, transmitter: MACAddress(rawValue: 0x0252_4c01_000b), bssid: .broadcast,
            action: .vendorSpecific(PeerAction.announcement(announcement).action)
        ).serialized()
        fixture.agent.handle(.frameReceived(link: fixture.link1, mpdu: mpdu, signal: nil))
        #expect(fixture.agent.statusReport().peers.map(\.dormant) == [true])
        try fixture.run { fixture.agent.host?.carrier == true }
        port.send(ethernetFrame(to: Self.peer, from: Self.own))
        try fixture.run { fixture.agent.host?.counters.fromHost == 2 }
        #expect(fixture.agent.host?.counters.noSuchPeer == 1)
        let report = fixture.agent.statusReport()
        #expect(report.sessions.map(\.queued) == [1])
        #expect(report.peers.map(\.origin) == ["discovered"] && report.peers.map(\.dormant) == [nil])
    }

    @Test(
        "the host hands over a batch at a time, so that the radios have their turn, and waits while a session is nearly full"
    )
    func batches() throws {
        let port = FakeHostPort()
        let fixture = try AgentFixture(host: port)
        for _ in 0..<1100 { port.send(ethernetFrame(to: Self.peer, from: Self.own)) }
        try fixture.run { (fixture.agent.host?.counters.fromHost ?? 0) >= 64 }
        try fixture.run { fixture.agent.host?.isPaused == true }
        #expect(port.limit == Agent.hostReceiveLimit)
        #expect(fixture.agent.host?.counters.fromHost == 960)
        let session = try #require(fixture.agent.engine.status().sessions.first)
        fixture.agent.handle(.command(.close(session.description.identifier)))
        try fixture.run { fixture.agent.host?.counters.fromHost == 1100 }
        #expect(fixture.agent.host?.isPaused == false)
        #expect(try report(fixture).counters.queueFull == 0)
    }

    @Test("a payload reaches the host when its peer sent it under its own address, for this device or a group")
    func toHost() throws {
        let port = FakeHostPort()
        let fixture = try AgentFixture(host: port)
        let peer = MACAddress(rawValue: Self.peer)
        let good = [ethernetFrame(to: Self.own, from: Self.peer), ethernetFrame(to: 0x3333_0000_0001, from: Self.peer)]
        let bad = [
            ethernetFrame(to: Self.own, from: Self.stranger), ethernetFrame(to: Self.stranger, from: Self.peer),
            [1, 2],
        ]
        for frame in good + bad { fixture.agent.perform(.deliver(frame, peer: peer, tid: .bestEffort)) }
        #expect(port.delivered == good)
        port.isBusy = true
        fixture.agent.perform(.deliver(good[0], peer: peer, tid: .bestEffort))
        let counters = try report(fixture).counters
        #expect(counters.toHost == 2)
        #expect((counters.spoofed, counters.misdirected, counters.malformedFromPeer, counters.hostBusy) == (1, 1, 1, 1))
    }

    @Test("an interface that somebody removes is told, once, and the agent goes on without it")
    func removed() throws {
        let port = FakeHostPort()
        let fixture = try AgentFixture(host: port)
        port.problem = .interfaceGone(interface: "relink0")
        try fixture.run { port.isClosed }
        let interface = try report(fixture)
        #expect(interface.carrier == false)
        #expect(interface.problem == "\(TAPError.interfaceGone(interface: "relink0"))")
        #expect(fixture.agent.statusReport().text.contains("gone"))
        fixture.agent.perform(
            .deliver(
                ethernetFrame(to: Self.own, from: Self.peer), peer: MACAddress(rawValue: Self.peer), tid: .bestEffort))
        #expect(port.delivered.isEmpty)
    }

    @Test("a name that is taken ends the start before the radios are touched")
    func nameTaken() throws {
        let fixture = try AgentFixture(
            starts: false, host: FakeHostPort(), hostProblem: .nameTaken(interface: "relink0"))
        #expect {
            try fixture.agent.start()
        } throws: { error in
            "\(error)".contains("ip link del relink0")
        }
        #expect(fixture.shop.made.isEmpty)
    }

    @Test("the interface is removed when the agent ends; without [interface] there is none")
    func end() throws {
        let port = FakeHostPort()
        let fixture = try AgentFixture(host: port)
        fixture.agent.finish()
        #expect(port.isClosed)
        let other = try AgentFixture()
        #expect(other.agent.statusReport().interface == nil)
    }
}
