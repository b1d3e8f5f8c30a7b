import ArgumentParser
import ControlProtocol
import Glibc

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Print what happens, as it happens.",
        discussion: """
            Follows a running agent until Ctrl-C or until the agent stops (exit status 0 in both cases). If the connection is \
            cut, because the agent was killed or because this command read too slowly, it says so and exits with 1. Every \
            line is written at once. Times are UTC.

            Examples:
              relink events --all               first what the agent still remembers, up to 4096 events
              relink events --json | jq -c 'select(.event == "rebuilt") | {link, elapsedMicroseconds}'

            The events: linkUp, linkDown (a radio of this device), linkAlive, linkSuspect, linkLost (a link to a peer), \
            peerAppeared, peerChanged, peerVanished, announcementRefused, secured, handshakeFailed, peerDisagrees, sessionRequested, \
            established, establishedAnew, interrupted, rebuildRequested, rebuilt, rebuildLoop, shareRequested, shared, sharedLinkLost, \
            noLinkDelivers, refused, payloadsGivenUp, ended. In JSON, keys that do not apply are left out.
            """)

    @OptionGroup var options: ControlOptions

    @Flag(help: "First print the events that the agent still remembers.")
    var all = false

    func run() throws {
        // Nothing is buffered and nothing has to be undone.
        signal(SIGINT) { _ in _exit(0) }
        try options.withAgent(.events(all: all)) { client throws(ControlError) in
            while true {
                switch try client.receive() {
                case .event(let report):
                    StandardOutput.write(options.json ? report.json : Array("\(report.line)\n".utf8))
                case .farewell: return
                case .greeting, .status, .refused: throw .malformed
                }
            }
        }
    }
}
