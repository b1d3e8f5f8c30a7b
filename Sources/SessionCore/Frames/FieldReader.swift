/// What is wrong with the part of a frame that is this protocol's own.
public enum SessionFrameError: Error, Equatable, Sendable {
    /// A field ends behind the end of the frame.
    case truncated
    /// The version is not spoken here.
    case versionNotSupported(UInt8)
    /// The type of a vendor-specific action frame is not known.
    case unknownType(UInt8)
    /// The integrity check of a data frame does not hold.
    case corrupted
    /// A length contradicts what is there.
    case inconsistentLength
}

/// Reads the fields of this protocol's elements and bodies, little-endian as all of 802.11.
struct FieldReader {
    private var rest: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) { rest = octets }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func octet() throws(SessionFrameError) -> UInt8 {
        guard let octet = rest.popFirst() else { throw .truncated }
        return octet
    }

    mutating func octets(_ count: Int) throws(SessionFrameError) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw .truncated }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func integer<Integer: FixedWidthInteger>() throws(SessionFrameError) -> Integer {
        var value: Integer = 0
        for (index, octet) in try octets(Integer.bitWidth / 8).enumerated() {
            value |= Integer(truncatingIfNeeded: octet) << Integer(index * 8)
        }
        return value
    }
}

extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
