/// The last events, as the lines that clients get. Every event has a position that only grows.
struct EventRing {
    /// How many events are remembered.
    let capacity: Int
    /// The position of the next event.
    private(set) var end = 0
    private var lines: [[UInt8]] = []

    init(capacity: Int) { self.capacity = capacity }

    /// The position of the oldest event that is remembered.
    var start: Int { end - lines.count }

    /// Remembers an event, and forgets the oldest one when the ring is full.
    mutating func append(_ line: [UInt8]) {
        if lines.count < capacity { lines.append(line) } else { lines[end % capacity] = line }
        end += 1
    }

    /// The event at a position between `start` and `end`.
    subscript(position: Int) -> [UInt8] { lines[position % capacity] }
}
