import RadioLinks
import Testing

@testable import Agent

@Suite("The rates of a link in a configuration")
struct RatesConfigurationTests {
    private func text(_ rates: String) -> String {
        """
        mld_address = "02:52:4c:00:00:0a"
        control = "/run/a.sock"
        security = "open"

        [[links]]
        id = 1
        wiphy = "phy0"
        channel = 1
        rates = \(rates)
        """
    }

    @Test("a name, or a list of rates in their order; written into recordings in such a way that it is read again")
    func read() throws {
        let expected: [(String, MonitorRadioConfiguration.Rates)] = [
            ("\"auto\"", .automatic), ("\"lowest\"", .lowest),
            ("[\"MCS 7\", \"24\", \"5.5\"]", .ordered([.modulation(7), .legacy(48), .legacy(11)])),
        ]
        for (rates, value) in expected {
            let configuration = try AgentConfiguration(parsing: text(rates), file: "a.toml")
            #expect(configuration.links.map(\.rates) == [value])
            let again = try AgentConfiguration(recorded: configuration.text, file: "again.toml")
            #expect(again.links.map(\.rates) == [value])
        }
    }

    @Test(
        "errors name cause and remedy",
        arguments: [
            ("\"fast\"", "a.toml:9: links.rates: \"fast\" is not known here; write \"auto\", \"lowest\""),
            (
                "[\"MCS 7\", \"7\"]",
                "links.rates: \"7\" is not a rate; write rates in Mb/s or MCS, such as [\"MCS 7\", \"24\", \"6\"]"
            ),
            ("[]", "links.rates: there are none; write rates in Mb/s or MCS, such as [\"MCS 7\", \"24\", \"6\"]"),
        ])
    func wrong(rates: String, message: String) {
        do {
            _ = try AgentConfiguration(parsing: text(rates), file: "a.toml")
            Issue.record("\(rates) was read")
        } catch {
            #expect("\(error)".contains(message), "\(error)")
        }
    }
}
