/// Memory that blocks of a pcapng file are written to, one behind the other. It grows when it must, and keeps its size when it is
/// emptied; nothing is written to it twice.
struct BlockBuffer {
    private var octets: [UInt8]
    /// Octets of all blocks that it has.
    private(set) var count = 0

    init(capacity: Int) { octets = [UInt8](repeating: 0, count: capacity) }

    /// Forgets the blocks.
    mutating func removeAll() { count = 0 }

    /// Lends the blocks.
    func withOctets<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result { try body(octets.span.extracting(0..<count)) }

    /// Adds a block.
    ///
    /// - Parameters:
    ///   - type: the type of the block.
    ///   - length: octets of its body; it is filled up to a multiple of four.
    ///   - write: writes the body, all of it.
    mutating func append(_ type: UInt32, length: Int, _ write: (inout BlockCursor) -> Void) {
        let whole = 12 + (length + 3) & ~3
        if octets.count - count < whole {
            octets.append(contentsOf: repeatElement(0, count: max(octets.count, whole)))
        }
        octets.withUnsafeMutableBytes { octets in
            var cursor = BlockCursor(UnsafeMutableRawBufferPointer(rebasing: octets[count..<count + whole]))
            cursor.put(type)
            cursor.put(UInt32(whole))
            write(&cursor)
            cursor.align()
            cursor.put(UInt32(whole))
        }
        count += whole
    }
}

/// Where the next octet of a block goes.
struct BlockCursor {
    private let octets: UnsafeMutableRawBufferPointer
    private var position = 0

    init(_ octets: UnsafeMutableRawBufferPointer) { self.octets = octets }

    /// Writes a number, least significant octet first.
    mutating func put(_ number: some FixedWidthInteger) {
        octets.storeBytes(of: number.littleEndian, toByteOffset: position, as: type(of: number))
        position += MemoryLayout.size(ofValue: number)
    }

    /// Writes octets.
    mutating func put(_ span: Span<UInt8>) {
        span.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(rebasing: octets[position..<position + source.count]).copyMemory(from: source)
        }
        position += span.count
    }

    /// Writes zeros up to a multiple of four.
    mutating func align() { while position & 3 != 0 { put(UInt8(0)) } }
}

extension [UInt8] {
    /// Appends a number, least significant octet first.
    mutating func append(number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends a text with its length before it.
    mutating func append(text: String) {
        append(number: UInt32(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}
