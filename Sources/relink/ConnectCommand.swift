import ArgumentParser
import ControlProtocol
import Glibc

struct ConnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Want a session with a peer from now on.",
        discussion: """
            Asks a running agent for a session with one of its peers, this agent as the initiator, and waits until it lives. The \
            session is wanted until "relink close" ends it or the agent stops: as long as no link answers, and after every loss \
            that can't be rebuilt, the agent goes on trying. What is wanted from the start stands in the configuration \
            (sessions = [0] of a peer).

            Examples:
              relink connect b
              relink connect 02:52:4c:00:00:0b --tid 5
              relink connect b --json | jq -r .session

            Exit status: 0 when the session lives, 1 when it does not within --timeout (it stays wanted), or the agent refuses.
            """)

    @Argument(help: ArgumentHelp("The peer's name or MLD address.", valueName: "peer"))
    var peer: String

    @Option(help: "The traffic identifier, 0 to 7.")
    var tid = 0

    @Option(help: ArgumentHelp("How long to wait for the session; 0 does not wait.", valueName: "seconds"))
    var timeout = 10.0

    @OptionGroup var options: ControlOptions

    func validate() throws {
        guard (0...7).contains(tid) else { throw ValidationError("\(tid) is no TID; they go from 0 to 7.") }
        guard (0...86400).contains(timeout) else { throw ValidationError("--timeout goes from 0 to 86400 seconds.") }
    }

    func run() throws {
        let end = MonotonicDeadline(seconds: timeout)
        try options.withAgent(.connect(peer: peer, tid: tid)) { client throws(ControlError) in
            var report = try client.receiveStatus()
            // A peer by name stands in the status with both; the session is found again by address and TID.
            let address = report.peers.first { $0.name == peer }?.device ?? peer.lowercased()
            while true {
                let session = report.sessions.first { $0.peer == address && $0.tid == tid && $0.role == "initiator" }
                if let session, session.state == "live" || end.isOver {
                    try finish(session)
                    return
                }
                guard !end.isOver else {
                    throw .refused("the session is not wanted any more: somebody closed it, or the peer is gone")
                }
                usleep(20_000)
                try client.send(.status)
                report = try client.receiveStatus()
            }
        }
    }

    private func finish(_ session: StatusReport.Session) throws(ControlError) {
        if options.json {
            StandardOutput.write(LineCoding.line(session))
        } else {
            let link = session.link.map { " on link \($0)" } ?? ""
            StandardOutput.write("session \(session.session), TID \(session.tid): \(session.state)\(link)\n")
        }
        guard session.state == "live" || timeout == 0 else {
            throw .refused(
                "the session does not live after \(timeout) s; it stays wanted. \"relink status\" shows the links")
        }
    }
}
