import ArgumentParser
import ControlProtocol

struct PeersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "Print which devices are there, and how they are known.",
        discussion: """
            Lists the peers of a running agent: those of its configuration, and those that were discovered, with their links, what \
            they support, and when they were last heard. Devices appear, change links and vanish by themselves when [discovery] \
            is on; "relink events" tells it as it happens.

            A dormant peer is one that this agent only listens to (mode = "listen"): it is sent nothing until a session with it is \
            wanted. Announcements that were refused are counted by their cause.

            Examples:
              relink peers
              relink peers --json | jq '.[] | select(.origin == "discovered") | .device'
              relink connect "$(relink peers --json | jq -r '.[0].device')"
            """)

    @OptionGroup var options: ControlOptions

    func run() throws {
        try options.withAgent(.status) { client throws(ControlError) in
            let report = try client.receiveStatus()
            if options.json {
                StandardOutput.write(LineCoding.line(report.peers))
            } else {
                StandardOutput.write(report.peersText)
            }
        }
    }
}
