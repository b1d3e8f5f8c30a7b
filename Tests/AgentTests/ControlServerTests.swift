import ControlProtocol
import EventLoop
import Glibc
import Logging
import Synchronization
import Testing

@testable import Agent

@Suite("The control socket")
struct ControlServerTests {
    private let directory: TemporaryDirectory
    private let path: String
    private let loop: EventLoop
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/made/a.sock"
        loop = try EventLoop()
    }

    private func makeServer(rememberedEvents: Int = 4096) throws -> ControlServer {
        try ControlServer(path: path, loop: loop, log: log, rememberedEvents: rememberedEvents) {
            $0 == .close(session: "none") ? .refused("there is none") : .status(.example)
        }
    }

    private func next(of client: RawClient) throws -> ControlMessage? {
        var message: ControlMessage?
        try loop.turn {
            message = message ?? client.next()
            return message != nil || client.isClosed
        }
        return message
    }

    private func event(_ number: Int, padding: Int = 0) -> EventReport {
        var report = EventReport(
            event: "linkUp", monotonicNanoseconds: Int64(number), wallClock: "2026-01-01T00:00:00.000000Z",
            device: "02:52:4c:00:00:0a")
        report.cause = padding == 0 ? nil : String(repeating: "x", count: padding)
        return report
    }

    @Test("a client is greeted with the version and may ask for the status again and again")
    func status() throws {
        let server = try makeServer()
        let client = try RawClient(path: path)
        #expect(try next(of: client) == .greeting(version: ControlLimits.version))
        for _ in 0..<3 {
            client.send(.status)
            #expect(try next(of: client) == .status(.example))
        }
        #expect(server.clientCount == 1)
    }

    @Test("two requests in one go get two answers")
    func twoRequests() throws {
        let server = try makeServer()
        let client = try RawClient(path: path)
        client.send(LineCoding.line(ControlRequest.status) + LineCoding.line(ControlRequest.status))
        client.endInput()
        #expect(try next(of: client) == .greeting(version: ControlLimits.version))
        #expect(try next(of: client) == .status(.example))
        #expect(try next(of: client) == .status(.example))
        #expect(try next(of: client) == nil, "who has said all gets all, and then the end")
        #expect(client.isClosed)
        #expect(server.clientCount == 0)
    }

    @Test("the command line's client talks to it over the real socket")
    func realClient() throws {
        let server = try makeServer()
        server.publish(event(1))
        let answers = Mutex<[ControlMessage]>([])
        let path = path
        // A thread of its own: it waits for the server, which runs here.
        let thread = Worker {
            guard var client = try? ControlClient.connect(to: path) else { return }
            for request in [ControlRequest.status, .events(all: true)] {
                try? client.send(request)
                if let answer = try? client.receive() { answers.withLock { $0.append(answer) } }
            }
        }
        try loop.turn { answers.withLock(\.count) == 2 && server.clientCount == 0 }
        thread.join()
        #expect(answers.withLock(\.self) == [.status(.example), .event(event(1))])
    }

    @Test("a follower gets events as they happen, and with all also those before")
    func follow() throws {
        let server = try makeServer()
        server.publish(event(1))
        let late = try RawClient(path: path)
        let curious = try RawClient(path: path)
        late.send(LineCoding.line(ControlRequest.status) + LineCoding.line(ControlRequest.events(all: false)))
        curious.send(.events(all: true))
        #expect(try next(of: late) == .greeting(version: ControlLimits.version))
        #expect(try next(of: late) == .status(.example), "once this is answered, the next request has been read")
        #expect(try next(of: curious) == .greeting(version: ControlLimits.version))
        #expect(try next(of: curious) == .event(event(1)))
        server.publish(event(2))
        server.flush()
        #expect(try next(of: curious) == .event(event(2)))
        #expect(try next(of: late) == .event(event(2)))
        server.close()
        #expect(curious.next() == .farewell)
        #expect(late.next() == .farewell)
    }

    @Test("of many events the last are remembered")
    func remembered() throws {
        let server = try makeServer(rememberedEvents: 3)
        for number in 1...5 { server.publish(event(number)) }
        let client = try RawClient(path: path)
        client.send(.events(all: true))
        #expect(try next(of: client) == .greeting(version: ControlLimits.version))
        for number in 3...5 { #expect(try next(of: client) == .event(event(number))) }
    }

    @Test("a follower that does not read is dropped when it has missed events; others lose nothing")
    func slowFollower() throws {
        let server = try makeServer(rememberedEvents: 16)
        let slow = try RawClient(path: path)
        let quick = try RawClient(path: path)
        slow.send(.events(all: true))
        quick.send(.events(all: true))
        #expect(try next(of: slow) == .greeting(version: ControlLimits.version))
        #expect(try next(of: quick) == .greeting(version: ControlLimits.version))
        var number = 0
        while server.clientCount == 2 && number < 10_000 {
            number += 1
            server.publish(event(number, padding: 1000))
            server.flush()
            try #require(try next(of: quick) == .event(event(number, padding: 1000)))
        }
        #expect(server.clientCount == 1)
        var received = 0
        while case .event(let report) = slow.next() {
            received += 1
            try #require(report.monotonicNanoseconds == Int64(received), "what does come comes in order and whole")
        }
        #expect(slow.isClosed)
        #expect(received < number)
    }

    @Test("a client that asks and asks without reading is not read from any more")
    func greedyClient() throws {
        let server = try makeServer()
        let greedy = try RawClient(path: path)
        let requests = (0..<100).flatMap { _ in LineCoding.line(ControlRequest.status) }
        for _ in 0..<200 { greedy.send(requests) }
        let polite = try RawClient(path: path)
        #expect(try next(of: polite) == .greeting(version: ControlLimits.version))
        polite.send(.status)
        #expect(try next(of: polite) == .status(.example), "the others are served all the same")
        #expect(server.clientCount == 2)
    }

    @Test(
        "who does not keep to the protocol is told so and dropped",
        arguments: ["\n", "{}\n", "status\n", "{\"request\":\"reboot\"}\n", "\u{0}\u{1}\n"])
    func badRequest(text: String) throws {
        let server = try makeServer()
        let client = try RawClient(path: path)
        client.send(Array(text.utf8))
        #expect(try next(of: client) == .greeting(version: ControlLimits.version))
        #expect(try next(of: client) == .refused("this is no request of version 1"))
        try loop.turn { server.clientCount == 0 }
    }

    @Test("a request line without end is cut off at the limit")
    func endlessRequest() throws {
        let server = try makeServer()
        let client = try RawClient(path: path)
        client.send([UInt8](repeating: UInt8(ascii: "x"), count: ControlLimits.requestLength))
        try loop.turn {
            while client.next() != nil {}
            return client.isClosed
        }
        #expect(server.clientCount == 0)
    }

    @Test("clients that vanish leave nothing behind")
    func vanishing() throws {
        let server = try makeServer()
        for request in [ControlRequest.status, .events(all: true)] {
            var client: RawClient? = try RawClient(path: path)
            client?.send(request)
            try loop.turn { server.clientCount == 1 }
            client = nil
            try loop.turn { server.clientCount == 0 }
        }
    }

    @Test("there is a limit to the number of clients, and room again when one leaves")
    func tooManyClients() throws {
        let server = try makeServer()
        var clients: [RawClient] = []
        for _ in 0..<ControlServer.maximumClients {
            let client = try RawClient(path: path)
            #expect(try next(of: client) == .greeting(version: ControlLimits.version))
            clients.append(client)
        }
        let oneTooMany = try RawClient(path: path)
        #expect(try next(of: oneTooMany) == .greeting(version: ControlLimits.version))
        #expect(try next(of: oneTooMany) == .refused("it serves 32 clients already; end one of them"))
        #expect(try next(of: oneTooMany) == nil)
        clients.removeLast()
        try loop.turn { server.clientCount == ControlServer.maximumClients - 1 }
        let again = try RawClient(path: path)
        again.send(.status)
        #expect(try next(of: again) == .greeting(version: ControlLimits.version))
        #expect(try next(of: again) == .status(.example))
    }

    // MARK: The path

    @Test("the socket is its owner's alone; socket and directory are gone at the end")
    func ownership() throws {
        do {
            let server = try makeServer()
            var information = stat()
            #expect(stat(path, &information) == 0)
            #expect(information.st_mode == S_IFSOCK | 0o600)
            #expect(server.clientCount == 0)
        }
        #expect(TemporaryDirectory.names(in: directory.path).isEmpty)
    }

    @Test("the path of an agent that lives is refused, and the agent lives on")
    func livingAgent() throws {
        let server = try makeServer()
        let expected =
            "an agent listens at \(path) already; stop it, or give this one another path with the key \"control\""
        do throws(AgentError) {
            _ = try ControlServer(path: path, loop: loop, log: log) { _ in .status(.example) }
            Issue.record("two agents listen at one path")
        } catch {
            #expect(error.description == expected)
        }
        let client = try RawClient(path: path)
        #expect(try next(of: client) == .greeting(version: ControlLimits.version))
        #expect(server.clientCount == 1)
    }

    @Test("the socket of an agent that died is replaced")
    func deadAgent() throws {
        mkdir(directory.path + "/made", 0o755)
        let path = path
        let dead = try UnixSocket.make(isBlocking: false, path: path)
        #expect(try UnixSocket.withAddress(of: path) { bind(dead, $0, $1) } == 0)
        close(dead)
        let server = try makeServer()
        let client = try RawClient(path: path)
        #expect(try next(of: client) == .greeting(version: ControlLimits.version))
        #expect(server.clientCount == 1)
    }

    @Test("a file in the way is left alone")
    func fileInTheWay() throws {
        mkdir(directory.path + "/made", 0o755)
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        #expect(throws: AgentError.self) { try makeServer() }
        #expect(TemporaryDirectory.names(in: directory.path + "/made") == ["a.sock"])
    }

    @Test("nobody there, and a path too long, are said with the remedy")
    func clientErrors() {
        #expect(throws: ControlError.notRunning(path: path)) { _ = try ControlClient.connect(to: path) }
        let long = "/" + String(repeating: "x", count: 107)
        #expect(throws: ControlError.pathTooLong(path: long)) { _ = try ControlClient.connect(to: long) }
        #expect(
            ControlError.notRunning(path: "/x").description
                == "no agent listens at /x; start one with \"relink run CONFIG\", or name its socket with --control PATH"
        )
    }
}

extension StatusReport {
    /// A report in which every key is present.
    static var example: StatusReport {
        var link = Link(id: 1, wiphy: "phy0", interface: "relink1", frequency: 2412, counters: Counters())
        link.cause = "interfaceDown"
        link.problem = "none"
        link.address = "02:52:4c:01:00:0a"
        link.acknowledgment = "mac"
        link.way = "ap"
        link.counters.sent = 7
        var session = Session(
            session: "0123456789abcdef", peer: "02:52:4c:00:00:0b", tid: 0, role: "initiator", state: "live",
            rebuildable: true, shareable: false, rebuilds: 2, resumptionPosition: 4_000_000_000, queued: 3)
        session.link = 1
        let peerLink = PeerLink(id: 1, address: "02:52:4c:01:00:0b", health: "alive", deliveryRatio: 0.5)
        return StatusReport(
            device: "02:52:4c:00:00:0a", version: "0.1.0", kernel: "6.1.0", processIdentifier: 42, uptimeSeconds: 1.5,
            links: [link], peers: [Peer(device: "02:52:4c:00:00:0b", name: "b", links: [peerLink])],
            sessions: [session], discarded: Discarded())
    }
}
