import ArgumentParser
import ControlProtocol

@main
struct Relink: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relink",
        abstract: "Keep sessions between Wi-Fi devices alive when a link under them dies.",
        discussion: """
            Two devices with several radios each run an agent. The agents establish sessions over raw 802.11 frames. When the \
            link under a session dies, one frame and its acknowledgment bring the session back on another link.

            On each device:
              relink links                      which radios there are
              sudo relink check                 what they are good for
              sudo relink run relink.toml       the agent, in the foreground
              sudo relink events                what happens, as it happens
              sudo relink status                how links, peers and sessions are
              sudo relink peers                 which devices are there, and how they are known
              sudo relink top                   the same, and the last failovers, as it changes

            Anywhere:
              relink decode air.pcap            what the frames of a capture say
              relink replay a.pcapng            decide again what a recorded agent decided, and compare
              relink report a.pcapng -o a.html  a page that shows what happened
            """,
        version: Release.version,
        subcommands: [
            LinksCommand.self, CheckCommand.self, RunCommand.self, StatusCommand.self, PeersCommand.self,
            EventsCommand.self,
            ConnectCommand.self, ShareCommand.self, CloseCommand.self, DecodeCommand.self, KeyCommand.self,
            TopCommand.self, RecordCommand.self, ReplayCommand.self, ReportCommand.self,
        ])
}
