// Reading and writing of the field types that 802.11 and radiotap are made of. All their numbers are little-endian
// (IEEE Std 802.11-2020, 9.2.2), while older capture headers have others too; addresses are sent first octet first.

extension Span<UInt8> {
    /// Fails unless `length` octets stand at `offset`. The one place where a field that is cut short is found.
    func require(_ length: Int, at offset: Int) throws(FrameError) {
        guard offset + length <= count else {
            let available = Swift.max(0, count - offset)
            throw FrameError(offset: offset, reason: .truncated(needed: length, available: available))
        }
    }

    /// The octet at `offset`.
    func octet(at offset: Int) throws(FrameError) -> UInt8 {
        try require(1, at: offset)
        return self[offset]
    }

    /// The little-endian number of the type wanted at `offset`.
    func number<Number: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, as type: Number.Type = Number.self
    ) throws(FrameError) -> Number {
        try require(MemoryLayout<Number>.size, at: offset)
        // Checked above; an unaligned load is one instruction.
        return Number(littleEndian: withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) })
    }

    /// The number of the type wanted at `offset`, most significant octet first when it is swapped.
    func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, swapped: Bool) throws(FrameError) -> Number
    {
        let value: Number = try number(at: offset)
        return swapped ? value.byteSwapped : value
    }

    /// The MAC address at `offset`.
    func address(at offset: Int) throws(FrameError) -> MACAddress {
        try require(6, at: offset)
        let (first, last) = withUnsafeBytes { octets in
            (
                octets.loadUnaligned(fromByteOffset: offset, as: UInt32.self),
                octets.loadUnaligned(fromByteOffset: offset + 4, as: UInt16.self)
            )
        }
        return MACAddress(rawValue: UInt64(UInt32(bigEndian: first)) << 16 | UInt64(UInt16(bigEndian: last)))
    }

    /// A copy of the octets from `offset` up to `end`, both within the span.
    func copy(from offset: Int, to end: Int) -> [UInt8] {
        [UInt8](capacity: end - offset) { output in
            for index in offset..<end { output.append(self[index]) }
        }
    }
}

extension [UInt8] {
    /// Appends a number, least significant octet first.
    mutating func append(littleEndian value: some FixedWidthInteger) {
        for index in 0..<(value.bitWidth / 8) {
            append(UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }

    /// Appends an address, first octet first.
    mutating func append(_ address: MACAddress) {
        for index in 0..<6 { append(address.octet(index)) }
    }
}
