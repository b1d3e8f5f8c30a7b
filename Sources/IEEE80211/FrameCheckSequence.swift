/// The FCS field at the end of every frame on the air (IEEE Std 802.11-2020, 9.2.4.8): a CRC of 32 bits.
///
/// Captures have it or not, and some drivers say so wrongly. A frame whose last four octets are the CRC of those before
/// them ends in its FCS, whatever the driver said; by chance that happens once in 2³² frames.
public enum FrameCheckSequence {
    /// Octets of the field.
    public static let length = 4

    /// Whether the last four octets of `frame` are the FCS of those before them.
    public static func isAtEnd(of frame: Span<UInt8>) -> Bool {
        let end = frame.count - length
        guard end >= 0, let stored: UInt32 = try? frame.number(at: end) else { return false }
        return stored == value(of: frame.extracting(first: end))
    }

    /// The FCS of a frame, as a number that is sent least significant octet first.
    public static func value(of frame: Span<UInt8>) -> UInt32 { frame.withUnsafeBytes { value(of: $0) } }

    /// The FCS of a frame, as a number that is sent least significant octet first. Eight octets a step.
    public static func value(of frame: UnsafeRawBufferPointer) -> UInt32 {
        var remainder: UInt32 = 0xffff_ffff
        tables.withUnsafeBufferPointer { tables in
            var index = 0
            while index + 8 <= frame.count {
                let octets = UInt64(littleEndian: frame.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let low = UInt32(truncatingIfNeeded: octets) ^ remainder
                let high = UInt32(truncatingIfNeeded: octets >> 32)
                remainder =
                    tables[Int(0x700 | low & 0xff)] ^ tables[Int(0x600 | low >> 8 & 0xff)]
                    ^ tables[Int(0x500 | low >> 16 & 0xff)] ^ tables[Int(0x400 | low >> 24)]
                    ^ tables[Int(0x300 | high & 0xff)] ^ tables[Int(0x200 | high >> 8 & 0xff)]
                    ^ tables[Int(0x100 | high >> 16 & 0xff)] ^ tables[Int(high >> 24)]
                index += 8
            }
            while index < frame.count {
                remainder = remainder >> 8 ^ tables[Int((remainder ^ UInt32(frame[index])) & 0xff)]
                index += 1
            }
        }
        return ~remainder
    }

    /// Whether the last four octets of `frame` are the FCS of those before them.
    public static func isAtEnd(of frame: [UInt8]) -> Bool { isAtEnd(of: frame.span) }

    /// The FCS of a frame, as a number that is sent least significant octet first.
    public static func value(of frame: [UInt8]) -> UInt32 { value(of: frame.span) }

    /// Eight tables of 256: what each value of an octet adds that 0, 1, … 7 octets follow. The first is the remainder of division by
    /// the standard's polynomial, bits reversed.
    private static let tables: [UInt32] = {
        var tables = (0..<256).map { octet in
            (0..<8).reduce(UInt32(octet)) { remainder, _ in remainder >> 1 ^ (remainder & 1 == 1 ? 0xedb8_8320 : 0) }
        }
        for index in 256..<2048 {
            let before = tables[index - 256]
            tables.append(before >> 8 ^ tables[Int(before & 0xff)])
        }
        return tables
    }()
}
