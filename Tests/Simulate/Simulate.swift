import ArgumentParser
import Foundation
import Simulation

/// Plays lives from seeds, one after the other; `tools/simulate` runs it on all processors.
@main struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relink-simulate",
        abstract: "Plays lives of clusters of agents from seeds: the real core, all else simulated.",
        discussion: """
            Standard output has a line of JSON for each seed that is begun, for each finding, and for the counts at the end.
            Exit status: 0 nothing was found, 1 a rule was broken, 3 a cluster did not converge.
            """)

    @Option(help: "The first seed.") var from: UInt64 = 0
    @Option(help: "The number of seeds.") var seeds: UInt64 = 100
    @Option(help: "The distance from one seed to the next.") var stride: UInt64 = 1
    @Option(help: "Stop after so many seconds of processor time.") var seconds: Double?
    @Option(help: "Stop after so many findings.") var findings = 1_000_000
    @Flag(help: "Make plans with findings shorter.") var shrink = false
    @Flag(help: "Print what happens in each life.") var trace = false
    @Flag(help: "Play every life twice, and compare.") var twice = false
    @Option(help: "Play a plan of a file instead.") var plan: String?

    mutating func run() throws {
        if let plan {
            let read = try JSONDecoder().decode(Plan.self, from: Data(contentsOf: URL(filePath: plan)))
            var total = Tally()
            let verdict = play(read, total: &total)
            say(Counts(counts: total.counts, processorSeconds: processorSeconds))
            try finish([verdict])
            return
        }
        var found: [Verdict] = []
        var total = Tally()
        for index in 0..<seeds {
            if let seconds, processorSeconds > seconds { break }
            let seed = from &+ index &* stride
            say(["seed": seed])
            let life = play(Plan(seed: seed), total: &total)
            if life.finding != nil { found.append(life) }
            if found.count >= findings { break }
        }
        say(Counts(counts: total.counts, processorSeconds: processorSeconds))
        try finish(found)
    }

    private var processorSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

    private func play(_ plan: Plan, total: inout Tally) -> Verdict {
        let life = Life(plan, traced: trace)
        total.add(life.tally)
        if trace { for line in life.trace { print(line) } }
        if twice || plan.seed % 100 == 0, Life(plan).hash != life.hash {
            say(Found(seed: plan.seed, verdict: "unlike", rule: "repeatable", at: 0, text: "the second life was another one", hash: life.hash, plan: nil, steps: 0))
            return .wrong(Finding(rule: .repeatable, at: 0, text: "the second life was another one"))
        }
        guard let finding = life.verdict.finding else {
            if trace { print("hash \(String(life.hash, radix: 16))") }
            return life.verdict
        }
        var shortest = life
        if shrink, var shrinking = Shrinking(life) {
            shrinking.run()
            shortest = Life(shrinking.plan, traced: true)
        }
        let kind = if case .stuck = life.verdict { "stuck" } else { "wrong" }
        say(
            Found(
                seed: plan.seed, verdict: kind, rule: finding.rule.rawValue, at: finding.at, text: finding.text,
                hash: life.hash, plan: shrink ? shortest.plan : nil, steps: plan.steps.count,
                shortText: shrink ? shortest.verdict.finding?.text : nil, trace: shrink ? shortest.trace : nil))
        return life.verdict
    }

    private func finish(_ verdicts: [Verdict]) throws {
        if verdicts.contains(where: { if case .wrong = $0 { true } else { false } }) { throw ExitCode(1) }
        if verdicts.contains(where: { if case .stuck = $0 { true } else { false } }) { throw ExitCode(3) }
    }

    private struct Counts: Encodable {
        let counts: [String: Int]
        let processorSeconds: Double
    }

    private struct Found: Encodable {
        let seed: UInt64
        let verdict: String
        let rule: String
        let at: Int64
        let text: String
        let hash: UInt64
        let plan: Plan?
        let steps: Int
        var shortText: String?
        var trace: [String]?
    }

    private func say(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let data = try? encoder.encode(value) else { return }
        FileHandle.standardOutput.write(data + Data("\n".utf8))
    }
}
