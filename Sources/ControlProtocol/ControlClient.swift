import Glibc

/// The command line's end of a control socket. Every call waits until it is done.
public struct ControlClient: ~Copyable {
    private let descriptor: CInt
    private let path: String
    private var lines = LineSplitter(limit: ControlLimits.messageLength)

    private init(descriptor: CInt, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Connects to the agent at `path`, and reads and checks its greeting.
    /// - Throws: `ControlError` that names the remedy.
    public static func connect(to path: String) throws(ControlError) -> ControlClient {
        let descriptor = try UnixSocket.make(isBlocking: true, path: path)
        var client = ControlClient(descriptor: descriptor, path: path)
        let result = try UnixSocket.withAddress(of: path) { Glibc.connect(descriptor, $0, $1) }
        let code = errno
        guard result == 0 else { throw connectError(code, path: path) }
        // The agent greets at once, or when it has done what it is at.
        guard try client.isReadable(within: greetingTimeout) else { throw .silent(path: path) }
        guard case .greeting(let version) = try client.receive() else { throw .malformed }
        guard version == ControlLimits.version else { throw .versionNotSupported(version) }
        return client
    }

    /// How long something may be silent that is taken for an agent, in milliseconds.
    private static let greetingTimeout: CInt = 5000

    deinit { close(descriptor) }

    /// Readable when something comes; something may have come before that is not received yet (`isReadable`).
    public var readinessDescriptor: CInt { descriptor }

    /// Whether `receive` has something to give within some milliseconds, at least the beginning of a message.
    public mutating func isReadable(within milliseconds: CInt) throws(ControlError) -> Bool {
        if lines.hasNext { return true }
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let count = poll(&waited, 1, milliseconds)
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }

    /// Sends a request.
    /// - Throws: `ControlError.cut` or `.system`.
    public mutating func send(_ request: ControlRequest) throws(ControlError) {
        let line = LineCoding.line(request)
        var sent = 0
        while sent < line.count {
            let count = line[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EPIPE, ECONNRESET: throw lastWord()
            case let code: throw .system(operation: "write", path: path, code: code)
            }
        }
    }

    /// Why the agent closed the connection, if it said so before.
    private mutating func lastWord() -> ControlError {
        do throws(ControlError) {
            while true { if case .farewell = try receive() { return .stopping } }
        } catch {
            return error
        }
    }

    /// Waits for the next message.
    /// - Throws: `ControlError.cut` when the connection ends, `.malformed`, `.refused` when the agent says so, `.system`.
    public mutating func receive() throws(ControlError) -> ControlMessage {
        while true {
            if let line = lines.next() {
                guard let message = LineCoding.value(ControlMessage.self, in: line) else { throw .malformed }
                if case .refused(let reason) = message { throw .refused(reason) }
                return message
            }
            if lines.isOverlong { throw .malformed }
            try readMore()
        }
    }

    /// Waits for the status that a request is answered with.
    /// - Throws: as `receive`, and `.stopping` when the agent ends instead.
    public mutating func receiveStatus() throws(ControlError) -> StatusReport {
        switch try receive() {
        case .status(let report): return report
        case .farewell: throw .stopping
        case .greeting, .event, .refused: throw .malformed
        }
    }

    private mutating func readMore() throws(ControlError) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        switch read(descriptor, &buffer, buffer.count) {
        case 0: throw .cut
        case let count where count > 0: lines.append(buffer[..<count])
        default:
            switch errno {
            case EINTR: return
            case ECONNRESET: throw .cut
            case let code: throw .system(operation: "read", path: path, code: code)
            }
        }
    }

    private static func connectError(_ code: Int32, path: String) -> ControlError {
        switch code {
        case ENOENT, ECONNREFUSED: .notRunning(path: path)
        case EACCES, EPERM: .permissionDenied(path: path)
        default: .system(operation: "connect", path: path, code: code)
        }
    }
}
