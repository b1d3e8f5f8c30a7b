import ControlProtocol
import EventLoop
import Glibc
import Logging

/// Serves the clients of the control socket from the agent's loop, so that no client can make the agent wait or grow.
final class ControlServer {
    /// How many clients are served at a time.
    static let maximumClients = 32
    /// How many events are remembered.
    static let rememberedEvents = 4096

    private let loop: EventLoop
    private let socket: ControlSocket
    private let log: Logger
    private let perform: (ControlRequest) -> ControlMessage
    private var ring: EventRing
    private var listener: EventLoop.Token?
    private var clients: [Client] = []
    private var flushed = 0

    private final class Client {
        var connection: ControlConnection
        var token: EventLoop.Token?
        var interest: EventLoop.Readiness = .readable
        init(_ connection: consuming ControlConnection) { self.connection = connection }
    }

    /// Listens at `path`; clients are served from the loop's next turn on. `perform` does what they ask, and says what came of it.
    init(
        path: String, loop: EventLoop, log: Logger, rememberedEvents: Int = ControlServer.rememberedEvents,
        perform: @escaping (ControlRequest) -> ControlMessage
    ) throws(AgentError) {
        self.loop = loop
        self.log = log
        self.perform = perform
        ring = EventRing(capacity: rememberedEvents)
        do { socket = try ControlSocket(path: path) } catch { throw .control(error) }
        do {
            listener = try loop.register(socket.descriptor) { [unowned self] _ in acceptClients() }
        } catch {
            throw .loop(error)
        }
    }

    deinit {
        if let listener { loop.remove(listener) }
        for client in clients { client.token.map(loop.remove) }
    }

    /// How many clients are connected.
    var clientCount: Int { clients.count }

    /// Remembers an event; followers get it with the next `flush`.
    func publish(_ report: EventReport) { ring.append(report.message) }

    /// Sends new events to those who follow them.
    func flush() {
        guard flushed < ring.end else { return }
        flushed = ring.end
        for client in clients { serve(client) }
    }

    /// Tells all clients that the agent stops, and drops them.
    func close() {
        for client in clients {
            client.connection.sayFarewell(ring)
            drop(client)
        }
    }

    private func acceptClients() {
        while true {
            let descriptor = socket.accept()
            if descriptor < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if errno != EAGAIN { pauseListening(code: errno) }
                return
            }
            let client = Client(ControlConnection(descriptor: descriptor))
            if clients.count >= Self.maximumClients {
                client.connection.refuse("it serves \(Self.maximumClients) clients already; end one of them")
                _ = client.connection.serve(ring, perform: perform)
                continue
            }
            do {
                client.token = try loop.register(descriptor) { [unowned self, unowned client] readiness in
                    handle(readiness, of: client)
                }
            } catch {
                log.warning("a control client is turned away: \(error)")
                continue
            }
            clients.append(client)
            serve(client)
        }
    }

    private func handle(_ readiness: EventLoop.Readiness, of client: Client) {
        // The other side is gone altogether: nobody reads what it asked for.
        guard readiness.isDisjoint(with: .failed) else { return drop(client) }
        if readiness.contains(.readable) { client.connection.read() }
        serve(client)
    }

    /// The process is out of descriptors: waiting for clients goes on when one of those served is gone.
    private func pauseListening(code: Int32) {
        log.warning("no more control clients for now: \(SystemError.text(code))")
        setInterest([], of: listener)
    }

    private func serve(_ client: Client) {
        switch client.connection.serve(ring, perform: perform) {
        case .waiting(let toRead, let toWrite):
            var interest: EventLoop.Readiness = []
            if toRead { interest.insert(.readable) }
            if toWrite { interest.insert(.writable) }
            if interest != client.interest { setInterest(interest, of: client.token) }
            client.interest = interest
        case .finished: drop(client)
        case .tooSlow:
            log.warning("a control client is dropped: it read so slowly that it missed events")
            drop(client)
        }
    }

    private func drop(_ client: Client) {
        client.token.map(loop.remove)
        clients.removeAll { $0 === client }
        setInterest(.readable, of: listener)
    }

    private func setInterest(_ interest: EventLoop.Readiness, of token: EventLoop.Token?) {
        guard let token else { return }
        do { try loop.setInterest(interest, of: token) } catch { log.error("control socket: \(error)") }
    }
}
