import IEEE80211

// Text is written as octets, into one array for many lines: a hundred thousand frames make no strings.

extension [UInt8] {
    /// Appends text that stands in the program.
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// Appends text.
    mutating func append(text: String) {
        append(contentsOf: text.utf8)
    }

    /// Appends a number in decimal.
    mutating func append(decimal number: some BinaryInteger) {
        if number < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var rest = number.magnitude
        repeat {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder))
            rest = quotient
        } while rest != 0
        for index in 0..<(count - start) / 2 { swapAt(start + index, count - 1 - index) }
    }

    /// Appends a number in hexadecimal, with all the digits of its type.
    mutating func append(hex number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: number.bitWidth - 4, through: 0, by: -4) {
            append(hexDigit: UInt8(truncatingIfNeeded: number >> shift) & 15)
        }
    }

    private mutating func append(hexDigit digit: UInt8) {
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
    }

    /// Appends an address in lower case with colons.
    mutating func append(text address: MACAddress) {
        for index in 0..<6 {
            if index > 0 { append(UInt8(ascii: ":")) }
            append(hex: address.octet(index))
        }
    }

    /// Appends words, or a key, with a number, if there is one.
    mutating func append(_ words: StaticString, _ number: (some BinaryInteger)?) {
        guard let number else { return }
        append(words)
        append(decimal: number)
    }
}
