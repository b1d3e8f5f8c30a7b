/// Faults in TOML on which the library ends the process, instead of telling of them: it takes for granted that a table header
/// begins with a name, and that no `}` stands where an array is to have a value.
struct Pitfalls {
    /// A fault.
    struct Fault: Equatable {
        /// From 1 on.
        var line: Int
        var cause: String
        var remedy: String
    }

    private var rest: Substring.UnicodeScalarView
    private var line = 1
    /// Whether only white space came since the line began.
    private var isAtStart = true
    /// The last scalar that was neither white space nor part of a comment or a string.
    private var last: Unicode.Scalar = "\n"

    /// The first fault of a text.
    static func first(in text: String) -> Fault? {
        var pitfalls = Pitfalls(rest: Substring(text).unicodeScalars)
        return pitfalls.find()
    }

    private init(rest: Substring.UnicodeScalarView) { self.rest = rest }

    private mutating func find() -> Fault? {
        while let scalar = next() {
            switch scalar {
            case "#": skipComment()
            case "\"", "'": skipString(scalar)
            case "[" where isAtStart:
                if rest.first == "[" { _ = next() }
                while rest.first == " " || rest.first == "\t" { _ = next() }
                guard let name = rest.first, Self.canBegin(name) else {
                    return Fault(
                        line: line, cause: "a table without a name", remedy: "write [session], [[links]] or the like")
                }
            case "}" where last == "[" || last == ",":
                return Fault(
                    line: line, cause: "a } where a value is to be", remedy: "write the value, or close with ]")
            default: break
            }
            if Self.lineBreaks.contains(scalar) {
                isAtStart = true
            } else if !scalar.properties.isWhitespace, scalar != "\u{feff}", scalar != "#" {
                isAtStart = false
                last = scalar
            }
        }
        return nil
    }

    private mutating func next() -> Unicode.Scalar? {
        let scalar = rest.popFirst()
        if scalar == "\n" { line += 1 }
        return scalar
    }

    private mutating func skipComment() {
        while let scalar = rest.first, !Self.lineBreaks.contains(scalar) { _ = next() }
    }

    /// Leaves out a string behind its first quote; of three quotes, up to the next three.
    private mutating func skipString(_ quote: Unicode.Scalar) {
        var isLong = false
        if rest.first == quote {
            _ = next()
            guard rest.first == quote else { return }
            _ = next()
            isLong = true
        }
        var quotes = 0
        while let scalar = rest.first, isLong || !Self.lineBreaks.contains(scalar) {
            _ = next()
            if scalar == "\\", quote == "\"" { _ = next() }
            quotes = scalar == quote ? quotes + 1 : 0
            if quotes == (isLong ? 3 : 1) { return }
        }
    }

    /// All that the library takes for the end of a line.
    private static let lineBreaks: Set<Unicode.Scalar> = [
        "\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}",
    ]

    /// Whether a name can begin so, quoted or not; a closing bracket behind no name is a fault that the library tells of itself.
    private static func canBegin(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", "\"", "'", "]": true
        default: false
        }
    }
}
