/// Cuts a stream of octets into lines, and holds no more than one line's worth of what has not ended yet.
public struct LineSplitter: Sendable {
    private let limit: Int
    private var pending: [UInt8] = []
    private var start = 0

    /// Makes a splitter for lines of at most `limit` octets, the line feed included.
    public init(limit: Int) { self.limit = limit }

    /// Appends what was read.
    public mutating func append(_ octets: some Sequence<UInt8>) {
        if start > 0 {
            pending.removeFirst(start)
            start = 0
        }
        pending.append(contentsOf: octets)
    }

    /// The next whole line without its line feed; `nil` while there is none.
    public mutating func next() -> [UInt8]? {
        guard let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { start = end + 1 }
        return Array(pending[start..<end])
    }

    /// Whether there is a whole line.
    public var hasNext: Bool { pending[start...].contains(UInt8(ascii: "\n")) }

    /// Whether the line that has begun is longer than the limit already.
    public var isOverlong: Bool { pending.count - start >= limit && !pending[start...].contains(UInt8(ascii: "\n")) }
}
