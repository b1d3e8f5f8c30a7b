import ControlProtocol
import EventLoop
import Glibc
import HostInterface
import IEEE80211
import Logging
import RadioLinks
import SessionCore
import Testing

@testable import Agent

@Suite("The traffic of two hosts", .timeLimit(.minutes(1)))
struct TrafficTests {
    private static let a: UInt64 = 0x0252_4c00_000a
    private static let b: UInt64 = 0x0252_4c00_000b

    private static func text(_ own: String, _ peer: String) -> String {
        """
        mld_address = "02:52:4c:00:00:0\(own)"
        security = "open"
        links = [{ id = 1, wiphy = "phy0", channel = 1, address = "02:52:4c:01:00:0\(own)" },
                 { id = 2, wiphy = "phy1", channel = 6, address = "02:52:4c:02:00:0\(own)" }]
        [interface]
        [[peers]]
        name = "\(peer)"
        mld_address = "02:52:4c:00:00:0\(peer)"
        links = [{ id = 1, address = "02:52:4c:01:00:0\(peer)" }, { id = 2, address = "02:52:4c:02:00:0\(peer)" }]
        """
    }

    @Test("frames of the hosts arrive once and in order, per TID, though a link dies; no session is configured")
    func traffic() throws {
        let directory = try TemporaryDirectory()
        let airs = [SocketAir(), SocketAir()]
        let stops = [StopSwitch(), StopSwitch()]
        let wires = [HostWire(), HostWire()]
        let workers = [("a", "b"), ("b", "a")].enumerated().map { side, names in
            Worker { [stop = stops[side], wire = wires[side], path = directory.path] in
                Self.runAgent(
                    Self.text(names.0, names.1), control: "\(path)/\(names.0).sock", side: side, airs: airs, wire: wire,
                    stop: stop)
            }
        }
        defer {
            for stop in stops { stop.pull() }
            for worker in workers { worker.join() }
        }

        // Two TIDs, in turn; half of it before the loss, half after.
        func frame(_ number: UInt8) -> [UInt8] {
            ethernetFrame(to: Self.b, from: Self.a, dscp: number % 2 == 0 ? 0 : 46, mark: number)
        }
        for number in UInt8(0)..<50 { wires[0].send(frame(number)) }
        let first = (0..<50).map { _ in wires[1].receive() }
        airs[0].goDeaf()
        for number in UInt8(50)..<100 { wires[0].send(frame(number)) }
        let received = first + (50..<100).map { _ in wires[1].receive() }
        for remainder in UInt8(0)...1 {
            let wanted = (UInt8(0)..<100).filter { $0 % 2 == remainder }
            #expect(received.filter { $0[16] % 2 == remainder } == wanted.map(frame))
        }
        // A broadcast, and its answer.
        let question = ethernetFrame(to: 0xffff_ffff_ffff, from: Self.b)
        wires[1].send(question)
        #expect(wires[0].receive() == question)
        let answer = ethernetFrame(to: Self.b, from: Self.a, mark: 200)
        wires[0].send(answer)
        #expect(wires[1].receive() == answer)
        #expect(wires.map(\.hasCarrier) == [true, true])
    }

    private static func runAgent(
        _ text: String, control: String, side: Int, airs: [SocketAir], wire: HostWire, stop: StopSwitch
    ) {
        do {
            var configuration = try AgentConfiguration(parsing: text, file: "test")
            configuration.controlPath = control
            let loop = try EventLoop()
            let agent = try Agent(
                configuration: configuration, randomness: .testing(UInt64(side)),
                log: Logger(label: "") { _ in SwiftLogNoOpLogHandler() },
                loop: loop, radioEvents: FakeEvents(),
                makeHostPort: { (_, _) throws(TAPError) -> any HostPort in wire.port() }
            ) { link in
                SocketRadio(
                    link, address: link.address ?? .broadcast, air: airs[Int(link.identifier.rawValue) - 1], side: side)
            }
            try loop.register(stop.readable) { [unowned agent] _ in
                stop.lower()
                agent.stop()
            }
            try agent.run()
        } catch {
            Issue.record("an agent could not run: \(error)")
        }
    }
}
