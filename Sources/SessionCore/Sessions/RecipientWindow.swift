import DequeModule

/// The receiver's side of the sequence: scoreboard and reorder buffer. Every payload leaves it once, in order.
struct RecipientWindow: Equatable {
    /// The next number expected: everything before it was delivered or given up by the initiator. WinStart.
    private(set) var start = SequenceNumber(rawValue: 0)
    /// How many numbers from `start` on may be held: the negotiated buffer size.
    let size: Int
    /// Index 0 has the number `start`; `nil` is not yet received.
    private var buffer: Deque<Payload?> = []

    init(size: Int) { self.size = size }

    /// What came of a payload.
    enum Reception: Equatable {
        /// New; these payloads can be delivered now, in this order.
        case accepted(deliverable: [Payload])
        /// Received before.
        case duplicate
        /// Beyond the window: the initiator broke the agreement.
        case outsideWindow
    }

    mutating func receive(_ payload: Payload, _ number: SequenceNumber) -> Reception {
        let index = start.distance(to: number)
        guard index >= 0 else { return .duplicate }
        guard index < size else { return .outsideWindow }
        while buffer.count <= index { buffer.append(nil) }
        guard buffer[index] == nil else { return .duplicate }
        buffer[index] = payload
        return .accepted(deliverable: release())
    }

    /// Whether the initiator's position can be that of the agreement this window belongs to: it can't have more outstanding than
    /// the window holds, nor have forgotten what it has not sent.
    func isPossible(_ position: ResumptionPosition) -> Bool {
        let outstanding = position.start.distance(to: position.next)
        let ahead = start.distance(to: position.start)
        return outstanding >= 0 && outstanding <= size && ahead >= -size && start.distance(to: position.next) >= highest
    }

    /// The position that a rebuild request of the receiver carries.
    var position: ResumptionPosition { ResumptionPosition(start: start, next: start.advanced(by: highest)) }

    /// Moves to the initiator's position, which gave up everything before it (`REB-2`). Never moves back.
    ///
    /// - Returns: payloads that can be delivered now: those received behind a gap that will not be filled any more.
    mutating func reconcile(_ position: ResumptionPosition) -> [Payload] {
        let distance = start.distance(to: position.start)
        guard distance > 0 else { return [] }
        var deliverable: [Payload] = []
        for _ in 0..<min(distance, buffer.count) {
            if let payload = buffer.removeFirst() { deliverable.append(payload) }
        }
        start = position.start
        return deliverable + release()
    }

    /// The scoreboard as a block acknowledgment.
    func acknowledgment(of session: SessionIdentifier) -> BlockAcknowledgment {
        var bitmap = [UInt8](repeating: 0, count: (buffer.count + 7) / 8)
        for (index, payload) in buffer.enumerated() where payload != nil { bitmap[index / 8] |= 1 << UInt8(index % 8) }
        return BlockAcknowledgment(session: session, start: start, bitmap: bitmap)
    }

    /// Octets held because an earlier payload is missing.
    var octets: Int { buffer.reduce(0) { $0 + ($1?.count ?? 0) } }
    /// Payloads held because an earlier one is missing.
    var held: Int { buffer.lazy.filter { $0 != nil }.count }

    /// One more than the distance from `start` to the highest number received, 0 when nothing is held.
    private var highest: Int { buffer.count }

    private mutating func release() -> [Payload] {
        var deliverable: [Payload] = []
        while let first = buffer.first, let payload = first {
            deliverable.append(payload)
            buffer.removeFirst()
            start = start.advanced(by: 1)
        }
        return deliverable
    }
}
