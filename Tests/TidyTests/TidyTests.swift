import Testing

@Suite("The sources keep the house's rules")
struct TidySources {
    @Test("every rule, over every file", arguments: PurityRules.all + HouseRules.all)
    func kept(rule: Rule) throws {
        let files = try SourceTree.files()
        #expect(files.contains { rule.applies($0) }, "the rule has something to look at")
        let findings = files.flatMap { rule.findings(in: $0) }
        #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
    }

    @Test("all pure rooms are looked at")
    func roomsExist() throws {
        let rooms = Set(try SourceTree.files().compactMap(\.room))
        for room in PurityRules.rooms.keys { #expect(rooms.contains(room)) }
    }
}

extension Rule: CustomTestStringConvertible {
    var testDescription: String { name }
}
