import DequeModule

/// The receiver's side of the sequence: scoreboard and reorder buffer. Every payload leaves it once, in order.
struct RecipientWindow: Equatable {
    /// The next number expected: everything before it was delivered or given up by the initiator. WinStart.
    private(set) var start = SequenceNumber(rawValue: 0)
    /// How many numbers from `start` on may be held: the negotiated buffer size.
    let size: Int
    /// Payloads held because an earlier one is missing.
    private(set) var held = 0
    /// Octets of these.
    private(set) var octets = 0
    /// Index 0 has the number `start`; `nil` is not yet received.
    private var buffer: Deque<Entry?> = []

    private struct Entry: Equatable {
        let payload: StoredPayload
        let length: Int
    }

    init(size: Int) { self.size = size }

    /// What a payload with some number is.
    enum Reception: Equatable {
        /// New: to be taken in.
        case new
        /// Received before.
        case duplicate
        /// Beyond the window: the initiator broke the agreement.
        case outsideWindow
    }

    func reception(of number: SequenceNumber) -> Reception {
        let index = start.distance(to: number)
        guard index >= 0 else { return .duplicate }
        guard index < size else { return .outsideWindow }
        return index < buffer.count && buffer[index] != nil ? .duplicate : .new
    }

    /// Takes in a new payload, and releases what is in order by that.
    mutating func receive(
        _ payload: StoredPayload, length: Int, _ number: SequenceNumber, deliver: (StoredPayload) -> Void
    ) {
        let index = start.distance(to: number)
        while buffer.count <= index { buffer.append(nil) }
        buffer[index] = Entry(payload: payload, length: length)
        held += 1
        octets += length
        release(deliver)
    }

    /// Whether the initiator's position can be that of the agreement this window belongs to: it can't have more outstanding than
    /// the window holds, nor have forgotten what it has not sent.
    func isPossible(_ position: ResumptionPosition) -> Bool {
        let outstanding = position.start.distance(to: position.next)
        let ahead = start.distance(to: position.start)
        return outstanding >= 0 && outstanding <= size && ahead >= -size
            && start.distance(to: position.next) >= buffer.count
    }

    /// The position that a rebuild request of the receiver carries.
    var position: ResumptionPosition { ResumptionPosition(start: start, next: start.advanced(by: buffer.count)) }

    /// Moves to the initiator's WinStart, which gave up everything before it (`REB-2`), and releases what waited for that. Never
    /// moves back.
    mutating func move(to number: SequenceNumber, deliver: (StoredPayload) -> Void) {
        let distance = start.distance(to: number)
        guard distance > 0 else { return }
        for _ in 0..<min(distance, buffer.count) {
            if let entry = buffer.removeFirst() { hand(entry, deliver) }
        }
        start = number
        release(deliver)
    }

    /// The scoreboard as a block acknowledgment.
    func acknowledgment(of session: SessionIdentifier) -> BlockAcknowledgment {
        var bitmap = [UInt8](repeating: 0, count: (buffer.count + 7) / 8)
        for (index, entry) in buffer.enumerated() where entry != nil { bitmap[index / 8] |= 1 << UInt8(index % 8) }
        return BlockAcknowledgment(session: session, start: start, bitmap: bitmap)
    }

    /// Drops everything that is held.
    mutating func removeAll(_ store: inout PayloadStore) {
        for entry in buffer { if let entry { store.remove(entry.payload) } }
        buffer.removeAll()
        held = 0
        octets = 0
    }

    private mutating func release(_ deliver: (StoredPayload) -> Void) {
        while let first = buffer.first, let entry = first {
            buffer.removeFirst()
            hand(entry, deliver)
            start = start.advanced(by: 1)
        }
    }

    private mutating func hand(_ entry: Entry, _ deliver: (StoredPayload) -> Void) {
        held -= 1
        octets -= entry.length
        deliver(entry.payload)
    }
}
