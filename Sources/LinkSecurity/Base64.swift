/// Base64 with padding (RFC 4648, 4), strictly: one text for each sequence of octets, no white space.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    static func encode(_ octets: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: octets.count, by: 3) {
            let group = octets[start..<min(start + 3, octets.count)]
            var bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                text.append(index <= group.count ? alphabet[Int(bits >> 18 & 63)] : padding)
                bits <<= 6
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The octets, or `nil` for what `encode` would not have written.
    static func decode(_ text: Substring) -> [UInt8]? {
        let digits = text.utf8.prefix { $0 != padding }
        let pads = text.utf8.count - digits.count
        guard text.utf8.count.isMultiple(of: 4), pads <= 2 else { return nil }
        var octets: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for digit in digits {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                octets.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return encode(octets) == text ? octets : nil
    }
}
