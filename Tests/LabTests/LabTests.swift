import Foundation
import Testing

/// Agents on real kernel radios, judged by `tools/lab`: by their events and by a witness of the whole air.
@Suite struct LabTests {
    @Test("the lab lists what there is to play", .enabled(if: Lab.isWanted))
    func listed() {
        #expect(Lab.cases.count > 50)
        #expect(Set(Lab.cases.map(\.kernel)).isSuperset(of: ["qemu"]))
    }

    @Test(
        "on kernel radios", .enabled(if: Lab.isWanted, "RELINK_LAB=required plays the lab; tools/test sets it"),
        arguments: Lab.isWanted ? Lab.cases : [])
    func verdict(example: Lab.Case) throws {
        let result = try #require(try Lab.results.get().first { $0.example == example }, "it was not played")
        for check in result.checks {
            #expect(check.passed, "\(example): \(check.name): \(check.evidence)")
        }
        #expect(result.passed && !result.checks.isEmpty, "\(result.command) plays it again")
    }
}

/// One call of `tools/lab`, for all tests of this process. Which scenarios there are is asked of it.
enum Lab {
    /// One run of the default set.
    struct Case: Hashable, Sendable, CustomTestStringConvertible {
        let scenario: String
        let acknowledgment: String
        let security: String
        let kernel: String

        var testDescription: String { "\(scenario), \(acknowledgment), \(security), \(kernel)" }
    }

    /// The output of `tools/lab --list --json` for a scenario.
    private struct Listed: Decodable {
        let name: String
        /// The pairs of acknowledgment and frame protection to play, by the kernel.
        let sample: [String: [[String]]]
        let `default`: Bool
        let onQEMU: Bool
        /// Why a kernel can't play it, by the kernel and by what acknowledges.
        let excused: [String: [String: String]]
    }

    /// One verdict of `results.json`.
    struct Result: Decodable, Sendable {
        struct Check: Decodable, Sendable {
            let name: String
            let passed: Bool
            let evidence: String
        }
        let scenario: String
        let acknowledgment: String
        let security: String
        let kernel: String
        let passed: Bool
        let command: String
        let checks: [Check]

        var example: Case {
            Case(scenario: scenario, acknowledgment: acknowledgment, security: security, kernel: kernel)
        }
    }

    enum Problem: Error {
        case notPlayed(status: Int32)
        case notListed
    }

    static let isWanted = environment["RELINK_LAB"] == "required"
    private static let environment = ProcessInfo.processInfo.environment
    /// The kernels that `tools/lab` is told to play on; `tools/test --kernels` sets them.
    private static let kernels = environment["RELINK_LAB_KERNELS"] ?? "6.12"
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The cases to play: the sample of the default set on each kernel that runs as a program, and QEMU's on Debian's own. Empty when the lab can't
    /// list it.
    static let cases: [Case] = ((try? listed()) ?? []).flatMap { scenario in
        let own = kernels == "all" ? ["6.12", "6.1"] : [kernels]
        return ((scenario.default ? own : []) + (scenario.onQEMU ? ["qemu"] : [])).flatMap { kernel in
            (scenario.sample[kernel] ?? []).filter { scenario.excused[kernel]?[$0[0]] == nil }.map {
                Case(scenario: scenario.name, acknowledgment: $0[0], security: $0[1], kernel: kernel)
            }
        }
    }

    static let results = Swift.Result {
        try play(on: ["--kernels", kernels], out: "lab-out") + play(on: ["--qemu"], out: "lab-out/qemu")
    }

    private static func listed() throws -> [Listed] {
        let lab = Process()
        let output = Pipe()
        lab.executableURL = root.appending(path: "tools/lab")
        lab.arguments = ["--list", "--json"]
        lab.standardInput = FileHandle.nullDevice
        lab.standardOutput = output
        try lab.run()
        guard let printed = try output.fileHandleForReading.readToEnd() else { throw Problem.notListed }
        lab.waitUntilExit()
        return try JSONDecoder().decode([Listed].self, from: printed)
    }

    private static func play(on machine: [String], out folder: String) throws -> [Result] {
        let out = root.appending(path: folder)
        let built = root.appending(path: ".build").path
        let lab = Process()
        lab.executableURL = root.appending(path: "tools/lab")
        lab.arguments = ["sample"] + machine + [
            "--quiet", "--out", out.path, "--relink", "\(built)/release/relink",
            "--tests", "\(built)/debug/relinkPackageTests.xctest", "--medium", "\(built)/release/relink-medium",
        ]
        lab.standardInput = FileHandle.nullDevice
        try lab.run()
        lab.waitUntilExit()
        // The results of an earlier call are not those of this one.
        guard (0...1).contains(lab.terminationStatus),
            let data = try? Data(contentsOf: out.appending(path: "results.json"))
        else {
            throw Problem.notPlayed(status: lab.terminationStatus)
        }
        return try JSONDecoder().decode([Result].self, from: data)
    }
}
