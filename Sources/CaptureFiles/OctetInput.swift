import Glibc

/// Octets that come from a file in pieces, or stand in memory. Holds one piece at a time.
struct OctetInput: ~Copyable {
    /// The open file; -1 when all octets stand in `piece`.
    private let descriptor: CInt
    /// The piece at hand.
    private var piece: [UInt8]
    /// Octets of the piece that have been taken.
    private var taken = 0
    /// Octets of the input that have been taken.
    private(set) var offset = 0

    private static let pieceLength = 65_536

    /// Takes octets from memory.
    init(octets: [UInt8]) {
        descriptor = -1
        piece = octets
    }

    /// Takes octets from a file.
    init(path: String) throws(CaptureError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        piece = []
        guard descriptor >= 0 else { throw CaptureError(offset: 0, reason: .system(code: errno)) }
    }

    /// Takes octets from an open file, pipe or socket, and closes it in the end.
    init(descriptor: CInt) {
        self.descriptor = descriptor
        piece = []
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether nothing is left.
    mutating func isAtEnd() throws(CaptureError) -> Bool {
        if taken == piece.count { try refill() }
        return taken == piece.count
    }

    /// Takes the next `count` octets. The memory it needs grows with what is there, not with what was asked for.
    mutating func take(_ count: Int) throws(CaptureError) -> [UInt8] {
        var octets: [UInt8] = []
        try advance(count) { octets.append(contentsOf: $0) }
        return octets
    }

    /// Leaves the next `count` octets out.
    mutating func skip(_ count: Int) throws(CaptureError) {
        try advance(count) { _ in }
    }

    /// Takes the next `count` octets piece by piece.
    private mutating func advance(_ count: Int, _ body: (ArraySlice<UInt8>) -> Void) throws(CaptureError) {
        let start = offset
        while offset - start < count {
            guard try !isAtEnd() else {
                throw CaptureError(offset: start, reason: .truncated(needed: count, available: offset - start))
            }
            let length = min(count - (offset - start), piece.count - taken)
            body(piece[taken..<taken + length])
            taken += length
            offset += length
        }
    }

    /// Reads the next piece of the file; an empty one at its end.
    private mutating func refill() throws(CaptureError) {
        guard descriptor >= 0 else { return }
        var length = 0
        let descriptor = descriptor
        piece = [UInt8](unsafeUninitializedCapacity: Self.pieceLength) { buffer, count in
            repeat {
                length = read(descriptor, buffer.baseAddress, buffer.count)
            } while length < 0 && errno == EINTR
            count = max(0, length)
        }
        taken = 0
        guard length >= 0 else { throw CaptureError(offset: offset, reason: .system(code: errno)) }
    }
}

/// The system's words for an `errno`.
func systemMessage(_ code: Int32) -> String {
    String(cString: strerror(code))
}

/// The order in which a file's numbers are stored.
enum ByteOrder {
    case little, big

    /// The unsigned number of the type wanted at `offset` of `octets`, which must be within.
    func number<Number: FixedWidthInteger>(
        _ octets: [UInt8], at offset: Int, as type: Number.Type = Number.self
    ) -> Number {
        let length = Number.bitWidth / 8
        return (0..<length).reduce(0) { value, index in
            value << 8 | Number(truncatingIfNeeded: octets[offset + (self == .big ? index : length - 1 - index)])
        }
    }
}
