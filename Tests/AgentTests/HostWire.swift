import Glibc
import HostInterface
import Synchronization

@testable import Agent

/// The wire between a host and an agent in another thread: what the test sends the agent's port receives, and back.
final class HostWire: Sendable {
    /// The host's end, which waits, and the agent's, which does not.
    private let ends: [CInt]
    private let carrier = Atomic(false)

    init() {
        var ends: [CInt] = [-1, -1]
        socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue), 0, &ends)
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        self.ends = ends
    }

    deinit { for end in ends { close(end) } }

    /// Whether the port has a carrier.
    var hasCarrier: Bool { carrier.load(ordering: .relaxed) }

    /// Lets the host send a frame.
    func send(_ frame: [UInt8]) { write(ends[0], frame, frame.count) }

    /// The next frame that the host receives; waits for it.
    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 2048)
        let count = read(ends[0], &buffer, buffer.count)
        return Array(buffer.prefix(max(count, 0)))
    }

    /// The agent's port.
    func port() -> any HostPort { Port(wire: self) }

    private final class Port: HostPort {
        private let wire: HostWire
        private var buffer = [UInt8](repeating: 0, count: 2048)

        init(wire: HostWire) { self.wire = wire }

        var readinessDescriptor: CInt { wire.ends[1] }

        func receive(limit: Int, _ handler: (Span<UInt8>) -> Void) throws(TAPError) -> Int {
            for number in 0..<limit {
                let count = read(readinessDescriptor, &buffer, buffer.count)
                guard count > 0 else { return number }
                handler(buffer.span.extracting(first: count))
            }
            return limit
        }

        func deliver(_ frame: Span<UInt8>) throws(TAPError) -> TAPInterface.Delivery {
            let count = frame.withUnsafeBytes { write(readinessDescriptor, $0.baseAddress, $0.count) }
            return count == frame.count ? .delivered : .busy
        }

        func setCarrier(_ carrier: Bool) { wire.carrier.store(carrier, ordering: .relaxed) }
        func close() {}
    }
}
