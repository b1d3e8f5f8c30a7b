import Testing

@Suite("Every rule fires on what breaks it, and on nothing else")
struct RulesFireTests {
    /// A text that breaks a rule in its first line, or one that looks like it and does not.
    struct Sample: Sendable, CustomTestStringConvertible {
        var rule: Rule
        var text: String
        var path: String
        var testDescription: String { "\(rule.name): \(text.prefix(60))" }

        init(_ rule: Rule, _ text: String, path: String = "Sources/SessionCore/Sample.swift") {
            self.rule = rule
            self.text = text
            self.path = path
        }
    }

    @Test(
        "breaks",
        arguments: [
            Sample(PurityRules.imports, "import Foundation"),
            Sample(PurityRules.imports, "import Glibc", path: "Sources/VirtualAir/Sample.swift"),
            Sample(PurityRules.imports, "@preconcurrency import Dispatch"),
            Sample(PurityRules.imports, "import struct Foundation.Data"),
            Sample(PurityRules.imports, "import DequeModule", path: "Sources/IEEE80211/Sample.swift"),
            Sample(PurityRules.imports, "import Crypto"),
            Sample(PurityRules.imports, "import SessionCore", path: "Sources/LinkSecurity/Sample.swift"),
            Sample(PurityRules.clocks, "let now = ContinuousClock.now"),
            Sample(PurityRules.clocks, "let now = Date()"),
            Sample(PurityRules.clocks, "clock_gettime(CLOCK_MONOTONIC, &time)"),
            Sample(PurityRules.randomness, "let x = Int.random(in: 0..<4)"),
            Sample(PurityRules.randomness, "var g = SystemRandomNumberGenerator()"),
            Sample(PurityRules.randomness, "let y = list.shuffled()"),
            Sample(PurityRules.randomness, "let z = list.randomElement()"),
            Sample(PurityRules.randomness, "let h = address.hashValue"),
            Sample(PurityRules.randomness, "let key = SymmetricKey(size: .bits256)"),
            Sample(PurityRules.randomness, "let key = Curve25519.KeyAgreement.PrivateKey()"),
            Sample(PurityRules.inputAndOutput, "print(\"hello\")"),
            Sample(PurityRules.inputAndOutput, "debugPrint(x)"),
            Sample(PurityRules.concurrency, "Task { work() }"),
            Sample(PurityRules.concurrency, "func work() async {}"),
            Sample(PurityRules.concurrency, "DispatchQueue.main.sync {}"),
            Sample(PurityRules.order, "for key in table.keys {"),
            Sample(PurityRules.order, "for value in self.table.values where value > 1 {"),
            Sample(PurityRules.order, "table.values.forEach(use)"),
            Sample(HouseRules.fileLength, String(repeating: "\n", count: 501)),
            Sample(HouseRules.functionLength, "func long() {\n" + String(repeating: "    x()\n", count: 69) + "}\n"),
            Sample(
                HouseRules.functionLength,
                "public init<T>(\n    x: T\n) throws(E) {\n" + String(repeating: "    x()\n", count: 67) + "}\n"),
            Sample(HouseRules.traps, "let x = try! load()"),
            Sample(HouseRules.traps, "let x = y as! Int"),
            Sample(HouseRules.traps, "let x = y!"),
            Sample(HouseRules.traps, "let x = y!.count"),
            Sample(HouseRules.traps, "use(table[1]!, 2)"),
            Sample(HouseRules.traps, "let text = \"\\(y!)\""),
            Sample(HouseRules.traps, "var socket: Socket!"),
            Sample(HouseRules.unchecked, "final class Box: @unchecked Sendable {}"),
            Sample(HouseRules.unchecked, "nonisolated(unsafe) var x = 1"),
            Sample(HouseRules.documentation, "public func act() {}"),
            Sample(HouseRules.documentation, "public static let x = 1"),
            Sample(HouseRules.documentation, "@discardableResult public mutating func act() -> Int { 1 }"),
            Sample(HouseRules.documentation, "    public private(set) var x = 1"),
            Sample(HouseRules.documentation, "public final class Thing {"),
            Sample(HouseRules.places, "cd /" + "work/somewhere", path: "tools/run"),
            Sample(HouseRules.places, "pip install from pypi" + ".org", path: "docs/lab.md"),
            Sample(HouseRules.leftovers, "// TO" + "DO: later"),
        ])
    func breaks(sample: Sample) {
        let findings = sample.rule.findings(in: SourceFile(path: sample.path, text: sample.text))
        #expect(!findings.isEmpty)
    }

    @Test(
        "keeps",
        arguments: [
            Sample(PurityRules.imports, "import IEEE80211\nimport DequeModule"),
            Sample(PurityRules.imports, "import Foundation", path: "Sources/Agent/Sample.swift"),
            Sample(PurityRules.imports, "// import Foundation\nlet x = \"import Glibc\""),
            Sample(PurityRules.imports, "import Crypto", path: "Sources/LinkSecurity/Sample.swift"),
            Sample(PurityRules.randomness, "let key = SymmetricKey(data: octets)"),
            Sample(PurityRules.clocks, "/* Date() */ let updated = 1; /// ContinuousClock"),
            Sample(PurityRules.clocks, "let now = Date()", path: "Sources/Agent/Sample.swift"),
            Sample(PurityRules.randomness, "let x = Int.random(in: 0..<4, using: &generator)"),
            Sample(PurityRules.inputAndOutput, "let printed = \"print(1)\""),
            Sample(PurityRules.concurrency, "let description = \"async\" // Task"),
            Sample(PurityRules.order, "for key in table.keys.sorted() {"),
            Sample(HouseRules.fileLength, String(repeating: "\n", count: 500)),
            Sample(HouseRules.functionLength, "func fits() {\n" + String(repeating: "    x()\n", count: 68) + "}\n"),
            Sample(
                HouseRules.functionLength,
                "protocol P {\n    func act()\n" + String(repeating: "    var x: Int { get }\n", count: 90) + "}\n"),
            Sample(HouseRules.traps, "if !done && a != b || !(c) { return !d }"),
            Sample(HouseRules.traps, "let x = \"stop! now\" // really!"),
            Sample(HouseRules.unchecked, "// One thread only.\nfinal class Box: @unchecked Sendable {}"),
            Sample(HouseRules.documentation, "/// Acts.\n@discardableResult\npublic func act() {}"),
            Sample(HouseRules.documentation, "public extension Int {}\ninternal func act() {}\nfunc publicAct() {}"),
            Sample(HouseRules.documentation, "public func act() {}", path: "Tests/SampleTests/Sample.swift"),
            Sample(HouseRules.places, "the framework/root of it all; https://example.org", path: "README.md"),
        ])
    func keeps(sample: Sample) {
        #expect(sample.rule.findings(in: SourceFile(path: sample.path, text: sample.text)).isEmpty)
    }

    @Test("code in interpolations is code, text around it is not, and lines stay lines")
    func masking() {
        let source = SourceText(
            "let a = \"x \\(b ?? \"y!\") z\" // c\n\"\"\"\ntext!\n\"\"\"\n#\"raw \\(d!)\"# + \"\\\"e!\"")
        #expect(source.code.count == source.lines.count)
        #expect(source.code[0].contains("b ??"))
        #expect(!source.code[0].contains("y!"))
        #expect(!source.code[0].contains("c"))
        #expect(!source.code.joined().contains("!"))
    }

    @Test("functions are measured from the declaration to the closing brace")
    func measuring() {
        let source = SourceText(
            """
            struct S {
                init() { self.init(x: 1) }
                func one() -> Int {
                    if true { return 1 }
                    return 2
                }
                func two(
                    _ x: () -> Void = {}
                )
                where T: P {
                }
            }
            """)
        #expect(
            FunctionFinder.functions(in: source) == [
                FunctionFinder.Function(line: 2, length: 1), FunctionFinder.Function(line: 3, length: 4),
                FunctionFinder.Function(line: 7, length: 5),
            ])
    }
}
