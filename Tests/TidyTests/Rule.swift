/// A rule that the sources keep.
struct Rule: Sendable {
    /// What the rule says.
    var name: String
    /// Which files it is about.
    var applies: @Sendable (SourceFile) -> Bool
    /// The lines, from 1 on, that break it, each with what is wrong there.
    var check: @Sendable (SourceFile) -> [(line: Int, complaint: String)]

    /// What in a file breaks the rule, as `path:line: complaint`.
    func findings(in file: SourceFile) -> [String] {
        applies(file) ? check(file).map { "\(file.path):\($0.line): \($0.complaint)" } : []
    }

    /// A rule about single lines of code, in which comments and literal text are blanks.
    static func line(
        _ name: String, where applies: @escaping @Sendable (SourceFile) -> Bool,
        _ complaint: @escaping @Sendable (String) -> String?
    ) -> Rule {
        Rule(name: name, applies: applies) { file in
            file.source.code.enumerated().compactMap { index, line in complaint(line).map { (index + 1, $0) } }
        }
    }

    /// A rule that some words must not stand in code.
    static func words(
        _ name: String, where applies: @escaping @Sendable (SourceFile) -> Bool, _ refused: Set<String>
    ) -> Rule {
        line(name, where: applies) { code in
            TidyTests.words(of: code).first(where: refused.contains).map { "`\($0)` has no place here" }
        }
    }
}
