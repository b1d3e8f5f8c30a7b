import ArgumentParser
import ControlProtocol
import Glibc

struct ShareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share",
        abstract: "Let a session live on further links.",
        discussion: """
            Asks a running agent to let a session, of which it is the initiator, live on these links, too, and waits until it does. \
            One frame and its acknowledgment make it so. Payloads then go out on whichever link they arrive first on, and the loss of \
            one of the links interrupts nothing. An agent shares by itself with the key sharing in [session] ("relink run --help").

            Examples:
              relink share 8b5d21f093c46e17 2           "relink status" lists the sessions and the links
              relink share 8b5d21f093c46e17 1 2 3 --json | jq .links

            Exit status: 0 when the session lives on all these links, 1 when it does not within --timeout, or an agent refuses.
            """)

    @Argument(help: ArgumentHelp("The session: sixteen hexadecimal digits.", valueName: "session"))
    var session: String

    @Argument(help: ArgumentHelp("The IDs of the links.", valueName: "link"))
    var links: [Int]

    @Option(help: ArgumentHelp("How long to wait until it is shared; 0 does not wait.", valueName: "seconds"))
    var timeout = 10.0

    @OptionGroup var options: ControlOptions

    func validate() throws {
        if let link = links.first(where: { !(0...14).contains($0) }) {
            throw ValidationError("\(link) is no link ID; they go from 0 to 14.")
        }
        guard (0...86400).contains(timeout) else { throw ValidationError("--timeout goes from 0 to 86400 seconds.") }
    }

    func run() throws {
        let end = MonotonicDeadline(seconds: timeout)
        let request = ControlRequest.share(session: session, links: links)
        try options.withAgent(request) { client throws(ControlError) in
            while true {
                let report = try client.receiveStatus()
                let found = report.sessions.first { $0.session == session.lowercased() }
                let missing = links.filter { found?.links.contains($0) != true }
                if let found, missing.isEmpty || end.isOver {
                    try finish(found, missing)
                    return
                }
                usleep(20_000)
                // Asked again, what meanwhile stands against it is told; a request that is on the air is not repeated.
                try client.send(request)
            }
        }
    }

    private func finish(_ session: StatusReport.Session, _ missing: [Int]) throws(ControlError) {
        if options.json {
            StandardOutput.write(LineCoding.line(session))
        } else {
            let links = session.links.map(String.init).joined(separator: ", ")
            StandardOutput.write(
                "session \(session.session), TID \(session.tid): \(session.state)\(links.isEmpty ? "" : " on \(links)")\n"
            )
        }
        guard missing.isEmpty || timeout == 0 else {
            let links = missing.map(String.init).joined(separator: ", ")
            throw .refused(
                "the session does not live on \(links) after \(timeout) s; \"relink status\" shows the links")
        }
    }
}
