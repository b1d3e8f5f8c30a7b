import Foundation
import LabMedium
import Testing
import VirtualAir

@Suite("What a medium can be told")
struct ScriptTests {
    private static let radios = """
        [{"name": "a", "link": 1, "hwsim": "02:00:00:00:00:00", "address": "02:52:4c:01:00:0a"},
         {"name": "b", "link": 1, "hwsim": "02:00:00:00:01:00", "address": "02:52:4c:01:00:0b", "acknowledges": false}]
        """

    private static func script(_ rest: String = "", radios: String = radios) throws -> Script {
        let text = #"{"links": [{"id": 1, "frequency": 2412}], "radios": \#(radios)\#(rest)}"#
        return try JSONDecoder().decode(Script.self, from: Data(text.utf8))
    }

    @Test("a script in JSON")
    func json() throws {
        let script = try Self.script(
            #"""
            , "settings": [{"loss": 0.1, "acknowledgmentLoss": 0.2, "delayMicroseconds": 1, "jitterMicroseconds": 2, "reorders": true},
                           {"link": 1, "bitsPerSecond": 6000000, "retries": 3},
                           {"handsOver": false, "kinds": ["data", "blockAcknowledgment"], "longerThan": 1000}],
              "changes": [{"atMilliseconds": 9, "change": {"link": 1, "from": "a", "to": "b", "cut": true}}]
            """#)
        #expect(script.links == [LinkSection(id: 1, frequency: 2412)])
        #expect(script.radios.map(\.acknowledges) == [true, false])
        let first = change {
            ($0.loss, $0.acknowledgmentLoss, $0.delayMicroseconds, $0.jitterMicroseconds, $0.reorders) = (
                0.1, 0.2, 1, 2, true
            )
        }
        let second = change(link: 1) { ($0.bitsPerSecond, $0.retries) = (6_000_000, 3) }
        let third = change {
            ($0.handsOver, $0.kinds, $0.longerThan) = (false, [.data, .blockAcknowledgment], 1000)
        }
        #expect(script.settings == [first, second, third])
        let cut = change(link: 1, from: "a", to: "b") { $0.cut = true }
        #expect(script.changes == [TimedChange(atMilliseconds: 9, change: cut)])
        _ = try Medium(script: script, seed: 1, now: Stage().now)
    }

    @Test("a misspelt setting is an error", arguments: [#"{"los": 0.1}"#, #"{"Link": 1}"#, #"{"kinds": ["dat"]}"#])
    func misspelt(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Change.self, from: Data(text.utf8)) }
    }

    @Test(
        "what can't be meant is refused",
        arguments: [
            (change { $0.loss = 1.5 }, ScriptError.outOfRange(setting: "loss")),
            (change { $0.acknowledgmentLoss = -0.1 }, .outOfRange(setting: "acknowledgmentLoss")),
            (change { $0.delayMicroseconds = -1 }, .outOfRange(setting: "delayMicroseconds")),
            (change { $0.jitterMicroseconds = 60_000_001 }, .outOfRange(setting: "jitterMicroseconds")),
            (change { $0.bitsPerSecond = -1 }, .outOfRange(setting: "bitsPerSecond")),
            (change { $0.longerThan = -1 }, .outOfRange(setting: "longerThan")),
            (change { $0.retries = 256 }, .outOfRange(setting: "retries")),
            (change(from: "a") { $0.retries = 1 }, .notOfDirections(setting: "retries")),
            (change(to: "a") { $0.bitsPerSecond = 1 }, .notOfDirections(setting: "bitsPerSecond")),
            (change(link: 2) { $0.loss = 0 }, .unknownLink(2)),
            (change(link: 1, from: "z") { $0.loss = 0 }, .unknownRadio("z")),
            (change(to: "z") { $0.loss = 0 }, .unknownRadio("z")),
        ])
    func refused(change: Change, error: ScriptError) throws {
        var stage = try Stage()
        #expect(throws: error) { try stage.medium.apply(change) }
        #expect(throws: error) { try Stage(changes: [TimedChange(atMilliseconds: 1, change: change)]) }
        #expect(throws: error) { try Stage(settings: [change]) }
    }

    @Test("links and radios are told apart")
    func twice() throws {
        let now = try Stage().now
        var script = try Self.script()
        script.links.append(LinkSection(id: 1, frequency: 5180))
        #expect(throws: ScriptError.linkTwice(1)) { try Medium(script: script, seed: 1, now: now) }
        for edit in [
            { $0[1].name = "a" }, { $0[1].address = $0[0].address }, { $0[1].hwsim = $0[0].hwsim },
        ] as [(inout [RadioSection]) -> Void] {
            var script = try Self.script()
            edit(&script.radios)
            #expect(throws: ScriptError.radioTwice(script.radios[1].name)) {
                try Medium(script: script, seed: 1, now: now)
            }
        }
        script = try Self.script()
        script.radios[0].link = 3
        #expect(throws: ScriptError.unknownLink(3)) { try Medium(script: script, seed: 1, now: now) }
        script.radios[0].link = 1
        script.radios[0].hwsim = "phy0"
        #expect(throws: ScriptError.notAnAddress("phy0")) { try Medium(script: script, seed: 1, now: now) }
    }
}
