import ControlProtocol
import Glibc

/// A client of a control socket that never waits: what has not come yet is `nil`.
final class RawClient {
    private let descriptor: CInt
    private var lines = LineSplitter(limit: ControlLimits.messageLength)
    /// Whether the agent closed the connection.
    private(set) var isClosed = false

    init(path: String) throws {
        descriptor = try UnixSocket.make(isBlocking: false, path: path)
        let descriptor = descriptor
        let result = try UnixSocket.withAddress(of: path) { connect(descriptor, $0, $1) }
        guard result == 0 else { throw ControlError.notRunning(path: path) }
    }

    deinit { close(descriptor) }

    func send(_ request: ControlRequest) { send(LineCoding.line(request)) }

    func send(_ octets: [UInt8]) { _ = Glibc.send(descriptor, octets, octets.count, CInt(MSG_NOSIGNAL)) }

    func endInput() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// The next message, once it has come whole.
    func next() -> ControlMessage? {
        while true {
            if let line = lines.next() { return LineCoding.value(ControlMessage.self, in: line) }
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            isClosed = isClosed || count == 0 || (count < 0 && errno == ECONNRESET)
            guard count > 0 else { return nil }
            lines.append(buffer[..<count])
        }
    }
}
