import Foundation
import Testing

/// Agents on real kernel radios, judged by `tools/lab`: by their events and by a witness of the whole air.
@Suite struct LabTests {
    @Test(
        "on kernel radios", .enabled(if: Lab.isWanted, "RELINK_LAB=required plays the lab; tools/test sets it"),
        arguments: Playing.all.flatMap(\.cases))
    func verdict(example: Playing.Case) throws {
        let results = try #require(Lab.results[example.playing]).get()
        let result = try #require(
            results.first { $0.scenario == example.scenario && $0.acknowledgment == example.acknowledgment },
            "it was not played")
        for check in result.checks {
            #expect(check.passed, "\(example): \(check.name): \(check.evidence)")
        }
        #expect(result.passed && !result.checks.isEmpty)
    }
}

/// What the lab plays in one boot.
struct Playing: Hashable, Sendable {
    let scenarios: [String]
    let acknowledgments: [String]
    let security: String

    static let all = [
        Playing(
            scenarios: [
                "up-but-dead", "interface-down", "receiver-restarted", "ping", "clean-up", "one-way", "other-way",
                "unplugged", "same-link", "next-candidate", "three-links", "retention-expired", "no-indicator",
                "both-ends", "receiver-down", "peer-absent", "forbidden-channel", "flapping", "rfkill",
                "channel-changed", "frame-storm", "two-peers", "shared", "discovery", "tcp-losses", "tcp-copy",
                "block-ack", "check", "radio-tests", "idle", "medium", "keys",
            ], acknowledgments: ["mac", "frame"], security: "psk"),
        // With acknowledgments in frames, an emulated processor that enciphers, too, is too slow for these: payloads wait for too
        // long, and of the attacker's replays some are the first to bring what was missed.
        Playing(
            scenarios: ["lossy", "random-losses", "attacker", "flooded"], acknowledgments: ["mac"], security: "psk"),
        Playing(scenarios: ["lossy", "random-losses"], acknowledgments: ["frame"], security: "open"),
        // Without a key, payloads are cut in what is recorded.
        Playing(
            scenarios: [
                "up-but-dead", "receiver-restarted", "ping", "three-links", "both-ends", "two-peers", "shared",
            ],
            acknowledgments: ["mac", "frame"], security: "open"),
    ]

    struct Case: Sendable, CustomTestStringConvertible {
        let playing: Playing
        let scenario: String
        let acknowledgment: String

        var testDescription: String { "\(scenario), \(acknowledgment), \(playing.security)" }
    }

    var cases: [Case] {
        scenarios.flatMap { scenario in
            acknowledgments.map { Case(playing: self, scenario: scenario, acknowledgment: $0) }
        }
    }

    /// Where its evidence goes.
    var folder: String { "lab-out/\(security)-\(acknowledgments.joined(separator: "-"))" }
}

/// One playing of each, for all tests of this process.
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

    static let results = Dictionary(
        uniqueKeysWithValues: Playing.all.map { playing in (playing, Swift.Result { try play(playing) }) })

    private static func play(_ playing: Playing) throws -> [Result] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let out = root.appending(path: playing.folder)
        try? FileManager.default.removeItem(at: out)
        let lab = Process()
        lab.executableURL = root.appending(path: "tools/lab")
        let built = root.appending(path: ".build").path
        lab.arguments =
            playing.scenarios
            + [
                "--acknowledgment", playing.acknowledgments.count == 1 ? playing.acknowledgments[0] : "both",
                "--security", playing.security, "--out", out.path, "--relink", "\(built)/release/relink",
                "--tests", "\(built)/debug/relinkPackageTests.xctest", "--medium", "\(built)/release/relink-medium",
            ]
        lab.standardInput = FileHandle.nullDevice
        try lab.run()
        lab.waitUntilExit()
        guard let data = try? Data(contentsOf: out.appending(path: "results.json")) else {
            throw Problem.notPlayed(status: lab.terminationStatus)
        }
        return try JSONDecoder().decode([Result].self, from: data)
    }
}
