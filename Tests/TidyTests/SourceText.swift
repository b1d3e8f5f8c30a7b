/// Swift source with comments and the text of string literals blanked out, so that a rule sees code alone. Line breaks stay
/// where they are, and code in interpolations stays code.
struct SourceText {
    /// The lines as they are written.
    let lines: [String]
    /// The lines with blanks in place of comments and literal text.
    let code: [String]

    init(_ text: String) {
        var masker = Masker(Array(text.utf8))
        lines = Self.lines(of: Array(text.utf8))
        code = Self.lines(of: masker.masked())
    }

    private static func lines(of octets: [UInt8]) -> [String] {
        octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

/// The words of a line of code: runs of letters, digits, `_` and `@`.
func words(of line: String) -> [String] {
    line.utf8.split { octet in
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "@"):
            false
        default: octet < 0x80
        }
    }.map { String(decoding: $0, as: UTF8.self) }
}

private struct Masker {
    private let octets: [UInt8]
    private var position = 0
    private var output: [UInt8] = []

    private static let quote = UInt8(ascii: "\"")
    private static let hash = UInt8(ascii: "#")
    private static let lineFeed = UInt8(ascii: "\n")

    init(_ octets: [UInt8]) { self.octets = octets }

    mutating func masked() -> [UInt8] {
        maskCode(untilParenthesis: false)
        return output
    }

    /// Copies code. In an interpolation it ends with the parenthesis that closes it.
    private mutating func maskCode(untilParenthesis: Bool) {
        var depth = 0
        while position < octets.count {
            switch octets[position] {
            case UInt8(ascii: "/") where next == UInt8(ascii: "/"):
                while position < octets.count, octets[position] != Self.lineFeed { blank() }
                continue
            case UInt8(ascii: "/") where next == UInt8(ascii: "*"):
                maskBlockComment()
                continue
            case Self.quote, Self.hash:
                if let hashes = literalStart {
                    maskLiteral(hashes: hashes)
                    continue
                }
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
                if untilParenthesis && depth < 0 { return }
            default: break
            }
            output.append(octets[position])
            position += 1
        }
    }

    private mutating func maskBlockComment() {
        var depth = 0
        repeat {
            if starts([UInt8(ascii: "/"), UInt8(ascii: "*")]) {
                depth += 1
                blank(2)
            } else if starts([UInt8(ascii: "*"), UInt8(ascii: "/")]) {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && position < octets.count
    }

    private var next: UInt8? { position + 1 < octets.count ? octets[position + 1] : nil }

    /// The number of `#` before the quote of a string literal that begins here; `nil` when none does.
    private var literalStart: Int? {
        var end = position
        while end < octets.count, octets[end] == Self.hash { end += 1 }
        return end < octets.count && octets[end] == Self.quote ? end - position : nil
    }

    private mutating func maskLiteral(hashes: Int) {
        let marks = [UInt8](repeating: Self.hash, count: hashes)
        blank(hashes)
        let isLong = starts([Self.quote, Self.quote, Self.quote])
        let end = [UInt8](repeating: Self.quote, count: isLong ? 3 : 1) + marks
        let escape = [UInt8(ascii: "\\")] + marks
        blank(isLong ? 3 : 1)
        while position < octets.count, !starts(end) {
            if starts(escape + [UInt8(ascii: "(")]) {
                blank(escape.count + 1)
                maskCode(untilParenthesis: true)
                blank()
            } else {
                blank(starts(escape) ? escape.count + 1 : 1)
            }
        }
        blank(end.count)
    }

    private func starts(_ sequence: [UInt8]) -> Bool {
        guard position + sequence.count <= octets.count, octets[position] == sequence[0] else { return false }
        return sequence.indices.allSatisfy { octets[position + $0] == sequence[$0] }
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where position < octets.count {
            output.append(octets[position] == Self.lineFeed ? Self.lineFeed : UInt8(ascii: " "))
            position += 1
        }
    }
}
