/// Finds functions and initialisers by their braces.
enum FunctionFinder {
    struct Function: Equatable {
        /// Where it is declared, from 1 on.
        var line: Int
        /// From the declaration to the closing brace, both included.
        var length: Int
    }

    static func functions(in source: SourceText) -> [Function] {
        source.code.indices.compactMap { index in
            guard declaresFunction(source.code[index]), let end = end(ofBodyFrom: index, in: source.code) else {
                return nil
            }
            return Function(line: index + 1, length: end - index + 1)
        }
    }

    private static func declaresFunction(_ line: String) -> Bool {
        let modifiers: Set = [
            "public", "package", "internal", "fileprivate", "private", "open", "static", "class", "final", "override",
            "mutating", "nonmutating", "consuming", "borrowing", "convenience", "required", "nonisolated", "indirect",
        ]
        let word = words(of: line).first { !modifiers.contains($0) && !$0.hasPrefix("@") }
        return word.map(["func", "init", "deinit", "subscript"].contains) ?? false
    }

    /// The line of the brace that closes the body; `nil` when there is none, as in a protocol.
    private static func end(ofBodyFrom start: Int, in code: [String]) -> Int? {
        var braces = 0
        var parentheses = 0
        for index in start..<code.count {
            for octet in code[index].utf8 {
                switch octet {
                case UInt8(ascii: "("): parentheses += 1
                case UInt8(ascii: ")"): parentheses -= 1
                case UInt8(ascii: "{"): braces += 1
                case UInt8(ascii: "}"):
                    braces -= 1
                    if braces == 0 && parentheses == 0 { return index }
                    if braces < 0 { return nil }
                default: break
                }
            }
            if braces == 0, parentheses == 0, index + 1 < code.count, !continuesHead(code[index + 1]) { return nil }
        }
        return nil
    }

    private static func continuesHead(_ line: String) -> Bool {
        let text = line.drop(while: \.isWhitespace)
        return ["{", "->", "throws", "async", "where", ")"].contains(where: text.hasPrefix)
    }
}
