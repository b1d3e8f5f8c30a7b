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
    public static func value(of frame: Span<UInt8>) -> UInt32 {
        var remainder: UInt32 = 0xffff_ffff
        for index in 0..<frame.count {
            remainder = remainder >> 8 ^ table[Int((remainder ^ UInt32(frame[index])) & 0xff)]
        }
        return ~remainder
    }

    /// Whether the last four octets of `frame` are the FCS of those before them.
    public static func isAtEnd(of frame: [UInt8]) -> Bool { isAtEnd(of: frame.span) }

    /// The FCS of a frame, as a number that is sent least significant octet first.
    public static func value(of frame: [UInt8]) -> UInt32 { value(of: frame.span) }

    /// What each value of an octet adds: the remainder of division by the standard's polynomial, bits reversed.
    private static let table: [UInt32] = (0..<256).map { octet in
        (0..<8).reduce(UInt32(octet)) { remainder, _ in remainder >> 1 ^ (remainder & 1 == 1 ? 0xedb8_8320 : 0) }
    }
}
