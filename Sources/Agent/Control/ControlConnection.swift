import ControlProtocol
import Glibc

/// One client of the control socket. What it makes the agent hold is bounded: one request line, and one batch of lines to send.
/// A request is answered when the answer before it is gone, and a follower reads from the ring of events as fast as it can.
struct ControlConnection: ~Copyable {
    /// What became of a client after it was served.
    enum Outcome: Equatable {
        /// Call again when the descriptor is ready for this; `failed` alone waits for the end.
        case waiting(toRead: Bool, toWrite: Bool)
        /// The client is gone, has got all it asked for, or broke the rules.
        case finished
        /// The client follows events and read so slowly that some of them are forgotten.
        case tooSlow
    }

    let descriptor: CInt
    private var lines = LineSplitter(limit: ControlLimits.requestLength)
    private var output: [UInt8]
    private var sent = 0
    private var position: Int?
    private var inputHasEnded = false
    private var endsAfterOutput = false

    /// About how many octets of events are prepared at a time.
    private static let batch = 16384

    init(descriptor: CInt) {
        self.descriptor = descriptor
        output = LineCoding.line(ControlMessage.greeting(version: ControlLimits.version))
    }

    deinit { close(descriptor) }

    /// Says why there is nothing to get here, and ends.
    mutating func refuse(_ reason: String) {
        output += LineCoding.line(ControlMessage.refused(reason))
        endsAfterOutput = true
    }

    /// Reads what the client sent; call it when the descriptor is readable.
    mutating func read() {
        var buffer = [UInt8](repeating: 0, count: ControlLimits.requestLength)
        while !lines.isOverlong {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                lines.append(buffer[..<count])
                // A second line waits in the kernel until the first is answered.
                return
            }
            if count < 0 && errno == EINTR { continue }
            if count == 0 || errno != EAGAIN { inputHasEnded = true }
            return
        }
    }

    /// Does all that can be done now without waiting: sends, answers requests, follows events.
    mutating func serve(_ ring: EventRing, perform: (ControlRequest) -> ControlMessage) -> Outcome {
        if let position, position < ring.start { return .tooSlow }
        while true {
            guard send() else { return .finished }
            if !output.isEmpty { return .waiting(toRead: false, toWrite: true) }
            if endsAfterOutput { return .finished }
            if prepareEvents(ring) { continue }
            guard let line = lines.next() else { break }
            answer(line, ring, perform)
        }
        if lines.isOverlong { return .finished }
        if inputHasEnded && position == nil { return .finished }
        return .waiting(toRead: !inputHasEnded, toWrite: false)
    }

    /// Sends what events are left and the farewell, as far as that goes without waiting.
    mutating func sayFarewell(_ ring: EventRing) {
        while send(), output.isEmpty, prepareEvents(ring) {}
        guard output.isEmpty else { return }
        output = LineCoding.line(ControlMessage.farewell)
        _ = send()
    }

    private mutating func answer(_ line: [UInt8], _ ring: EventRing, _ perform: (ControlRequest) -> ControlMessage) {
        guard position == nil else {
            return refuse("this connection follows events; open another one for other requests")
        }
        switch LineCoding.value(ControlRequest.self, in: line) {
        case .events(let all): position = all ? ring.start : ring.end
        case let request?:
            let message = perform(request)
            if case .refused(let reason) = message { refuse(reason) } else { output = LineCoding.line(message) }
        case nil: refuse("this is no request of version \(ControlLimits.version)")
        }
    }

    private mutating func prepareEvents(_ ring: EventRing) -> Bool {
        guard var next = position, next < ring.end else { return false }
        while next < ring.end && output.count < Self.batch {
            output += ring[next]
            next += 1
        }
        position = next
        return true
    }

    /// Sends as much as the kernel takes. Returns false when the client is gone.
    private mutating func send() -> Bool {
        while sent < output.count {
            let count = output[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno != EINTR {
                return errno == EAGAIN
            }
        }
        output.removeAll(keepingCapacity: true)
        sent = 0
        return true
    }
}
