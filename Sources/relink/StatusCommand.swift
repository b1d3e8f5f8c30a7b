import ArgumentParser
import ControlProtocol

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Print how links, peers and sessions are.",
        discussion: """
            Examples:
              relink status
              relink status --json | jq '.sessions[] | {session, state, link}'

            A link is this device's radio: up or down. A link to a peer is unknown (nothing heard yet), alive, suspect \
            (something was not acknowledged), lost, or down (the radio of this device is). A session is live on one link \
            (shared: on several), or interrupted until it is rebuilt.
            """)

    @OptionGroup var options: ControlOptions

    func run() throws {
        try options.withAgent(.status) { client throws(ControlError) in
            let report = try client.receiveStatus()
            if options.json {
                StandardOutput.write(LineCoding.line(report))
            } else {
                StandardOutput.write(report.text)
            }
        }
    }
}
