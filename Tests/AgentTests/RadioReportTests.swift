import ControlProtocol
import RadioLinks
import SessionCore
import Testing

@testable import Agent

@Suite("Which radios a user names, and what is printed of them")
struct RadioReportTests {
    @Test(
        "a radio with or without a channel",
        arguments: [
            ("phy0", "phy0", nil), ("phy0@1", "phy0", 2412), ("phy1@36", "phy1", 5180), ("phy1@5180", "phy1", 5180),
            ("wlp2s0@5955", "wlp2s0", 5955),
        ] as [(String, String, UInt16?)])
    func named(name: String, wiphy: String, frequency: UInt16?) throws {
        #expect(try LinkSelection.request(name) == LinkCheck.Request(wiphy: wiphy, frequency: frequency))
    }

    @Test("what is none", arguments: ["phy0@", "phy0@15", "phy0@36@1", "phy0@5181", "phy0@x", "phy0@-1", "phy0@99999"])
    func channels(name: String) {
        #expect(throws: LinkSelection.Problem.noChannel(name)) { try LinkSelection.request(name) }
    }

    @Test("an empty name", arguments: ["", "@1"])
    func radios(name: String) {
        #expect(throws: LinkSelection.Problem.noRadio(name)) { try LinkSelection.request(name) }
    }

    @Test("with a configuration: links by ID or by radio, all without names")
    func configured() throws {
        let configuration = try AgentConfiguration(parsing: AgentFixture.text, file: "a.toml")
        #expect(try LinkSelection.requests([], in: configuration).map(\.wiphy) == ["phy0", "phy1"])
        #expect(try LinkSelection.requests(["2"], in: configuration).map(\.frequency) == [2437])
        #expect(try LinkSelection.requests(["phy0"], in: configuration).compactMap(\.link).map(\.rawValue) == [1])
        #expect(throws: LinkSelection.Problem.notConfigured("3", known: ["1 (phy0)", "2 (phy1)"])) {
            try LinkSelection.requests(["3"], in: configuration)
        }
    }

    @Test("a report is usable when every radio is, and when there is one")
    func usable() throws {
        #expect(!CheckReport([]).usable)
        #expect(try report("mac").usable)
        #expect(try report("frame").usable)
        #expect(try !report("unusable").usable)
        let both = try report("mac").links + report("unusable").links
        #expect(!CheckReport(both).usable)
    }

    @Test("the table has the verdict, what came back, and what to do")
    func text() throws {
        let text = try report("unusable").text
        #expect(text.contains("RADIO"))
        let rows = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(rows.contains("phy0 active - 3 of 3 came back, 3 as acknowledged (false) - - retries - it lies"))
        #expect(
            rows.contains(
                "phy0 ap mac 3 of 3 came back, none as acknowledged as sent, QoS Control rebuilt 299 of 300 retries, rate 2412 (read back)"))
        #expect(text.contains("phy0 at 2412 MHz: unusable\n  - why\n    remedy: do it"))
        #expect(text.contains("beside it: wlan0, managed, down, power save on"))
        #expect(try report("frame").text.contains("the peer's agent acknowledges in frames instead"))
        #expect(text.contains("not yet proved") == false)
    }

    @Test("a check says what takes a peer to be proved, and that a radio reports on few frames at once")
    func notProved() throws {
        var link = try report("mac").links[0]
        link.acknowledgmentsProved = false
        link.outstanding = 48
        #expect(CheckReport([link]).text.contains("acknowledgments not yet proved: that takes a peer"))
        #expect(!CheckReport([link]).text.contains("at once: at most"))
        link.outstanding = 30
        #expect(CheckReport([link]).text.contains("at once: at most 30 payloads to a peer wait"))
    }

    private func report(_ verdict: String) throws -> CheckReport {
        let line = """
            {"usable": true, "links": [{"wiphy": "phy0", "frequency": 2412, "channel": 1, "verdict": "\(verdict)", \
            "problem": {"name": "x", "cause": "why", "remedy": "do it"}, "warnings": [], "ways": [{"way": "active", \
            "frequency": 2412, "frequenciesHeard": [], "injected": 3, "echoes": 3, "falseEchoes": 3, "reportsRetries": true, \
            "reportsRate": false, "problem": {"name": "falseReports", "cause": "it lies", "remedy": "do it"}}, {"way": "ap", \
            "frequency": 2412, "frequencyReadBack": 2412, "frequenciesHeard": [], "injected": 3, "echoes": 3, "falseEchoes": 0, "payload": "qosRebuilt", \
            "reportsRetries": true, "reportsRate": true, "burst": {"injected": 300, "echoes": 299}}], "interfaces": [{"name": \
            "wlan0", "index": 3, "mode": "managed", "up": false, "address": "02:00:00:00:00:00", "powerSave": true, \
            "madeByRelink": false, "programs": []}]}]}
            """
        return CheckReport(try #require(LineCoding.value(CheckReport.self, in: Array(line.utf8))).links)
    }

    @Test("an inventory groups channels by the reason why they may not be used")
    func inventory() throws {
        let line = """
            {"wiphy": "phy0", "index": 0, "driver": "d", "regulatoryDomain": "00", "rfkill": "offBySoftware", "monitor": true, \
            "activeMonitor": false, "accessPoint": true, "ibss": false, "bands": [{"band": "2.4", "channels": [{"channel": 1, "frequency": 2412, "restrictions": []}, \
            {"channel": 2, "frequency": 2417, "restrictions": []}, {"channel": 12, "frequency": 2467, "restrictions": \
            ["noInitiatingRadiation"]}]}, {"band": "5", "channels": [{"channel": 52, "frequency": 5260, "restrictions": \
            ["radar"], "radarState": "usable"}]}], "combinations": [{"interfaces": 4, "channels": 1, "limits": [{"interfaces": 4, \
            "modes": ["managed"]}]}], "radios": [], "interfaces": []}
            """
        let radio = try #require(LineCoding.value(RadioDescription.self, in: Array(line.utf8)))
        #expect(
            radio.text == """
                phy0 (number 0)
                  driver      d
                  regulatory  00 (the world)
                  rfkill      off; switch it on: rfkill unblock wifi
                  monitor     yes, and access points (MAC acknowledgments, if relink check confirms them)
                  2.4 GHz     1-2: permitted
                              12: listening only (no IR)
                  5 GHz       52: radar has to be looked for first (usable)
                  at once     up to 4 on 1 channel: 4 of managed
                """)
    }

    @Test("channel numbers in runs", arguments: [([1, 2, 3, 11], "1-3, 11"), ([36, 40, 44, 149], "36-44, 149")])
    func runs(numbers: [Int], text: String) { #expect(RadioDescription.numbers(numbers) == text) }
}
