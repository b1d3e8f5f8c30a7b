import Agent
import ArgumentParser
import ControlProtocol
import Glibc
import RadioLinks

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Try radios: what would an agent get of them?",
        discussion: """
            Holds each radio on its channel in one way after the other, sends frames to an address that nobody has, looks what comes \
            back, and removes what it made, also after SIGINT, SIGTERM and SIGHUP. An agent takes the first way that works. A radio that \
            somebody uses is left alone. It needs the rights of root (CAP_NET_ADMIN and CAP_NET_RAW).

            The verdicts:
              mac        TX reports tell which frames the peer's radio acknowledged
              frame      frames go out and come in; the peer's agent acknowledges them
              unusable   with the reason, and what to do about it

            The ways, in the order in which they are tried:
              ap         a plain monitor beside an idle access point: the radio acknowledges
              ibss       the same with an IBSS, where the driver offers no access point
              active     an active monitor: the radio acknowledges
              plain      a plain monitor: the radio acknowledges nothing

            LINK is a radio (phy0), on a channel if one is named by its number (phy0@36) or by its centre frequency in MHz \
            (phy0@5180, at 6 GHz always); without a channel it is the lowest one permitted. Without LINK all radios are tried. With \
            --config, LINK is the ID or the radio of a link in that file, and without LINK all its links are tried as the file says.

            Examples:
              sudo relink check
              sudo relink check phy0@1 phy1@36
              sudo relink check --config relink.toml
              sudo relink check --json | jq '.links[] | {wiphy, verdict, way, problem}'

            Exit status: 0 when every radio tried is usable, 77 without the rights, 78 when the configuration is wrong, 64 for a \
            LINK that is none, 129, 130 or 143 after a signal, 1 otherwise.
            """)

    @Argument(help: ArgumentHelp("Radios or links to try.", valueName: "link"))
    var links: [String] = []

    @Option(name: .customLong("config"), help: ArgumentHelp("Try the links of this configuration.", valueName: "file"))
    var path: String?

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let named = try requests()
        let missing = LinkCheck.missingCapabilities
        guard missing.isEmpty else {
            StandardError.write(
                "relink: this process lacks \(missing.joined(separator: " and ")); run it as root: sudo relink check")
            throw ExitCode(EX_NOPERM)
        }
        var signal: CInt?
        var report: CheckReport?
        do throws(RadioError) {
            let interruption = try Interruption()
            do throws(RadioError) { report = try check(named, interruption) } catch .interrupted {
                signal = interruption.take()
            }
        } catch {
            StandardError.write("relink: \(error)")
            throw ExitCode.failure
        }
        guard let report else { throw ExitCode(128 + (signal ?? SIGINT)) }
        if json { StandardOutput.write(LineCoding.line(report)) } else { StandardOutput.write(report.text) }
        if !report.usable { throw ExitCode.failure }
    }

    private func check(
        _ named: [LinkCheck.Request]?, _ interruption: Interruption
    ) throws(RadioError) -> CheckReport {
        let check = try LinkCheck(interruption: interruption)
        let requests = if let named { named } else { try check.everyRadio() }
        guard !requests.isEmpty else { throw .radiosMissing }
        var checked: [CheckedLink] = []
        for request in requests { checked.append(try check.run(request)) }
        return CheckReport(checked)
    }

    /// What the user named; `nil` stands for all radios.
    private func requests() throws -> [LinkCheck.Request]? {
        do {
            if let path { return try LinkSelection.requests(links, in: AgentConfiguration.load(path: path)) }
            return links.isEmpty ? nil : try links.map(LinkSelection.request)
        } catch let error as ConfigurationError {
            StandardError.write("\(error)")
            throw ExitCode(EX_CONFIG)
        } catch {
            StandardError.write("relink: \(error)")
            throw ExitCode(EX_USAGE)
        }
    }
}
