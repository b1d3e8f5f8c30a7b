import ArgumentParser
import ControlProtocol

struct CloseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: "End a session.",
        discussion: """
            Ends a session of a running agent, whichever side the agent is; it is not wanted any more, and the peer is told. \
            What the session still held is lost, and told in the event "ended".

            Example:
              relink close 8b5d21f093c46e17             "relink status" lists the sessions

            Exit status: 0 when the session is closed, 1 when there is none of that name.
            """)

    @Argument(help: ArgumentHelp("The session: sixteen hexadecimal digits.", valueName: "session"))
    var session: String

    @OptionGroup var options: ControlOptions

    func run() throws {
        try options.withAgent(.close(session: session)) { client throws(ControlError) in
            let report = try client.receiveStatus()
            if options.json { StandardOutput.write(LineCoding.line(report)) }
        }
    }
}
