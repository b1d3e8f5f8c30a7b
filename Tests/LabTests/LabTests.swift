import Foundation
import Testing

/// Two agents on real kernel radios, judged by `tools/lab`: by their events and by a witness of the whole air.
@Suite struct LabTests {
    static let scenarios = [
        "up-but-dead", "interface-down", "receiver-restarted", "ping", "clean-up",
        "one-way", "other-way", "unplugged", "same-link", "next-candidate", "three-links", "retention-expired",
        "no-indicator", "both-ends", "receiver-down", "peer-absent", "forbidden-channel", "flapping", "rfkill",
        "channel-changed", "frame-storm", "two-peers", "shared", "discovery", "tcp-losses", "tcp-copy", "block-ack",
        "check",
        "radio-tests", "idle", "medium", "lossy", "random-losses",
    ]

    @Test(
        "on kernel radios", .enabled(if: Lab.isWanted, "RELINK_LAB=required plays the lab; tools/test sets it"),
        arguments: scenarios, ["mac", "frame"])
    func verdict(scenario: String, acknowledgment: String) throws {
        let results = try Lab.results.get()
        let result = try #require(
            results.first { $0.scenario == scenario && $0.acknowledgment == acknowledgment }, "it was not played")
        for check in result.checks {
            #expect(check.passed, "\(scenario), \(acknowledgment): \(check.name): \(check.evidence)")
        }
        #expect(result.passed && !result.checks.isEmpty)
    }
}

/// One playing of all scenarios, in one boot, for all tests of this process.
enum Lab {
    struct Result: Decodable, Sendable {
        struct Check: Decodable, Sendable {
            let name: String
            let passed: Bool
            let evidence: String
        }
        let scenario: String
        let acknowledgment: String
        let passed: Bool
        let checks: [Check]
    }

    enum Problem: Error {
        case notPlayed(status: Int32)
    }

    static let isWanted = ProcessInfo.processInfo.environment["RELINK_LAB"] == "required"

    static let results = Swift.Result { try play() }

    private static func play() throws -> [Result] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let out = root.appending(path: "lab-out")
        try? FileManager.default.removeItem(at: out)
        let lab = Process()
        lab.executableURL = root.appending(path: "tools/lab")
        let relink = root.appending(path: ".build/release/relink").path
        let tests = root.appending(path: ".build/debug/relinkPackageTests.xctest").path
        let medium = root.appending(path: ".build/release/relink-medium").path
        lab.arguments =
            LabTests.scenarios
            + ["--out", out.path, "--relink", relink, "--tests", tests, "--medium", medium]
        lab.standardInput = FileHandle.nullDevice
        try lab.run()
        lab.waitUntilExit()
        guard let data = try? Data(contentsOf: out.appending(path: "results.json")) else {
            throw Problem.notPlayed(status: lab.terminationStatus)
        }
        return try JSONDecoder().decode([Result].self, from: data)
    }
}
