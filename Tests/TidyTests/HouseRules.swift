/// What all sources keep to.
enum HouseRules {
    static let longestFile = 500
    static let longestFunction = 70

    static let all = [fileLength, functionLength, traps, unchecked, documentation, places, leftovers]

    private static let isSwift: @Sendable (SourceFile) -> Bool = { $0.isSwift }

    static let fileLength = Rule(name: "files stay short", applies: isSwift) { file in
        let count = file.source.lines.count - 1
        return count > longestFile ? [(count, "\(count) lines; split it by noun, at most \(longestFile)")] : []
    }

    static let functionLength = Rule(name: "functions stay short", applies: isSwift) { file in
        FunctionFinder.functions(in: file.source).filter { $0.length > longestFunction }
            .map { ($0.line, "a function of \($0.length) lines; at most \(longestFunction)") }
    }

    static let traps = Rule.line("nothing traps on purpose", where: isSwift) { code in
        let octets = Array(code.utf8)
        for index in octets.indices.dropFirst() where octets[index] == UInt8(ascii: "!") {
            let before = Character(Unicode.Scalar(octets[index - 1]))
            let after = index + 1 < octets.count ? Character(Unicode.Scalar(octets[index + 1])) : " "
            if (before.isLetter || before.isNumber || "_)]}>?".contains(before)) && after != "=" {
                return "a `!` that traps: handle the error, or use `guard let` or `as?`"
            }
        }
        return nil
    }

    static let unchecked = Rule(name: "what the compiler can't check is justified", applies: isSwift) { file in
        file.source.code.enumerated().compactMap { index, code in
            guard code.contains("@unchecked Sendable") || code.contains("nonisolated(unsafe)") else { return nil }
            let isJustified = file.source.lines[max(0, index - 1)...index].contains { $0.contains("//") }
            return isJustified ? nil : (index + 1, "say in a comment why this is safe")
        }
    }

    static let documentation = Rule(
        name: "public declarations are documented", applies: { $0.isSwift && $0.path.hasPrefix("Sources/") }
    ) { file in
        let keywords: Set = [
            "func", "var", "let", "init", "subscript", "struct", "class", "enum", "protocol", "actor", "typealias",
        ]
        return file.source.code.enumerated().compactMap { index, code in
            let words = words(of: code).drop { $0.hasPrefix("@") }
            guard let access = words.first, ["public", "open", "package"].contains(access),
                !words.contains("extension"), words.contains(where: keywords.contains)
            else { return nil }
            let before = file.source.lines[..<index].last { !$0.drop(while: \.isWhitespace).hasPrefix("@") }
            let isDocumented = before?.drop(while: \.isWhitespace).hasPrefix("///") ?? false
            return isDocumented ? nil : (index + 1, "a public declaration without a doc comment")
        }
    }

    /// Written in pieces, so that this file does not break its own rule.
    private static let foreignPlaces = [
        "/" + "work/", "/" + "root/", "/" + "home/", "/" + "Users/", "pypi" + ".org", "crates" + ".io",
        "npmjs" + ".org", "proxy.golang" + ".org", "pythonhosted" + ".org",
    ]

    static let places = Rule(name: "no file names a place of one machine, or a registry", applies: { _ in true }) {
        file in
        file.source.lines.enumerated().flatMap { index, line in
            foreignPlaces.filter(line.contains).map { (index + 1, "names \($0)") }
        }
    }

    static let leftovers = Rule(name: "nothing is left for later", applies: isSwift) { file in
        file.source.lines.enumerated().compactMap { index, line in
            let isLeft = ["TO" + "DO", "FIX" + "ME"].contains(where: line.contains)
            return isLeft ? (index + 1, "do it, or file an issue") : nil
        }
    }
}
