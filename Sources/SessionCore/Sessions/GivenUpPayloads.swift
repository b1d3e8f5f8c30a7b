/// Payloads that were given up and are to be told of: at once, then once a second, with their number (`PRG-5`).
struct GivenUpPayloads: Equatable {
    /// The number of those that were not told of yet.
    private(set) var count = 0
    private var length: Int?
    private var next = MonotonicInstant(nanoseconds: 0)

    private static let interval = Duration.seconds(1)

    mutating func add(_ more: Int, length shortest: Int) {
        count += more
        length = min(length ?? shortest, shortest)
    }

    /// When to tell; `nil` while there is nothing to.
    var due: MonotonicInstant? { count > 0 ? next : nil }

    /// The number of those to report now, and the length of the shortest.
    mutating func take(at now: MonotonicInstant) -> (count: Int, length: Int)? {
        guard let due, due <= now, let length else { return nil }
        defer {
            count = 0
            self.length = nil
            next = now + Self.interval
        }
        return (count, length)
    }
}
