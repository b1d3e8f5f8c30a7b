import Agent
import ArgumentParser
import Glibc
import Logging

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the agent in the foreground.",
        discussion: """
            Makes a monitor interface on each configured radio, and where that lets the radio acknowledge an idle access point, and serves the configured peers, and those that it finds, until SIGINT, \
            SIGTERM, or SIGHUP when the terminal is closed. Then it takes leave of the peers, removes all it made, and exits with 0. \
            A second signal shortens the leave. It needs the rights of root (CAP_NET_ADMIN and CAP_NET_RAW); with CAP_SYS_NICE it \
            runs at nice -10, with CAP_IPC_LOCK it keeps its program in memory, since frames can't wait. \
            Radios that are missing or vanish are waited for. The log goes to standard error, with times in UTC.

            A configuration that is enough for one of two devices with two radios each:

              mld_address = "02:52:4c:00:00:0a"     # this device; every device has its own
              key_file = "/etc/relink.key"          # the same key on all of them, see below

              [[links]]
              id = 1                                # the same on both devices, 0 to 14
              wiphy = "phy0"                        # "relink links" lists the radios; or a radio's permanent address
              channel = 1                           # or frequency = 2412; for 6 GHz add band = "6"
              address = "02:52:4c:01:00:0a"         # optional: the radio's own if left out

              [[links]]
              id = 2
              wiphy = "phy1"
              channel = 36

              [[peers]]
              name = "b"                            # optional, for the log
              mld_address = "02:52:4c:00:00:0b"
              sessions = [0]                        # TIDs for which this device asks; leave out to be asked

              [[peers.links]]
              id = 1
              address = "02:52:4c:01:00:0b"

              [[peers.links]]
              id = 2
              address = "02:52:4c:02:00:0b"

            Without [[peers]], devices find each other: every device announces itself on its links, and those that answer (with a \
            key_file: those that have the key) are peers. With [[peers]], that takes the section:

              [discovery]
              mode = "announce"                     # the default; "listen": sends no announcements, and nothing to anybody before
                                                    # a session is wanted; "off"
              interval_ms = 1000                    # 20 to 60000, with a tenth of jitter
              lost_after_s = 5                      # how long a device of which nothing is heard stays a peer
              most_peers = 16                       # how many are discovered, 1 to 256

            Then [[peers]] need no [[peers.links]]: links are learned. Those that are configured are never changed.

            All frames are protected with a key that all devices have. "relink key generate /etc/relink.key" makes one; copy it \
            over a way that you trust. A peer may have a key_file of its own; devices that are discovered have that at the top. \
            For experiments, security = "open" stands in its place: then whoever is in range can read, end and feed the sessions.

            To let traffic of the host ride the sessions, add a TAP interface. It has mld_address for its MAC address; frames for a \
            peer's mld_address go to that peer, broadcast and multicast to all, on a session for each TID that is made when it \
            is needed:

              [interface]
              name = "relink0"                      # optional, as the rest
              addresses = ["10.0.0.1/24"]           # IPv4 and IPv6, with the network's prefix length
              mtu = 1390                            # 68 to 2196; more than 1392 makes some drivers crash

            To let sessions that this device asked for live on several links at a time:

              [session]
              sharing = "always"                    # as soon as a further link is alive; "when-worse": when all of the
                                                    # session's links deliver less than sharing_ratio, 0 to 1, default 0.75;
                                                    # "manual", the default: when "relink share" says so
              mirror = [6, 7]                       # payloads of these TIDs go out on all links of their session at once
              supports_sharing = true               # the default; with false the peer can't share its sessions either
              supports_rebuild = true               # the default; with false sessions are established anew

            Optional at the top: control (path of the control socket), log_level (trace, debug, info, notice, warning, error, \
            critical). A key_file that does not begin with / lies beside the configuration. \
            Optional per link: interface (name to make, default "relink" and the ID), acknowledgment ("mac", "frame" or "auto", \
            the default, which tests the radio), anchor ("ap", "ibss", "none", or "auto", the default: an idle access point that makes \
            the radio acknowledge; it sends one beacon a second, without a name), rates ("lowest"; a list, such as ["MCS 7", "24", "6"]: the first, and a later one \
            while frames are not acknowledged, where the card heeds that; or "auto", the default: payloads go at those that the kernel or the \
            card chooses for each peer, where an access point holds the radio). Optional sections: [session], [health], [keys], [limits], \
            [discovery]; docs/protocol.md explains every threshold.

            Exit status: 0 after a signal, 78 when the configuration is wrong (every error is told with its line), 1 otherwise.
            """)

    @Argument(help: ArgumentHelp("The configuration file (TOML).", valueName: "config"))
    var path: String

    @Option(help: ArgumentHelp("Record to this file, which must not be there yet.", valueName: "file"))
    var record: String?

    @Option(help: ArgumentHelp("How long each file of the recording may be (default: 64).", valueName: "MiB"))
    var recordSize: Int?

    @Option(help: ArgumentHelp("How many files of the recording are kept (default: 8).", valueName: "count"))
    var recordFiles: Int?

    @Flag(help: "Record frames with payloads whole, not their first 160 octets: protected ones are replayed only so.")
    var recordWhole = false

    @Option(
        help: ArgumentHelp(
            "Write the keys of all frames to this file, for relink decode --keys, and with --record what relink replay --keys takes. "
                + "Whoever has it reads all, and can be this device: for tests only.",
            valueName: "file"))
    var recordSecrets: String?

    @Option(
        help: ArgumentHelp(
            "All randomness comes from this number; for the lab, and refused with any key but the lab's own.",
            valueName: "number", visibility: .hidden))
    var labSeed: UInt64?

    func validate() throws {
        guard (1...65536).contains(recordSize ?? 1) else {
            throw ValidationError("--record-size goes from 1 to 65536.")
        }
        guard (1...65536).contains(recordFiles ?? 1) else {
            throw ValidationError("--record-files goes from 1 to 65536.")
        }
        guard record != nil || recordSize == nil && recordFiles == nil && !recordWhole else {
            throw ValidationError("--record-size, --record-files and --record-whole need --record.")
        }
    }

    func run() throws {
        // Whoever reads the log may go away; the agent stays and removes what it made.
        signal(SIGPIPE, SIG_IGN)
        let configuration: AgentConfiguration
        let randomness: Randomness
        do {
            configuration = try AgentConfiguration.load(path: path)
            randomness = try labSeed.map { try Randomness(labSeed: $0, configuration: configuration) } ?? .system()
        } catch let error as LabSeedError {
            StandardError.write("relink: \(error)")
            throw ExitCode(EX_CONFIG)
        } catch {
            StandardError.write("\(error)")
            throw ExitCode(EX_CONFIG)
        }
        let output = LogOutput()
        // A reader that does not read must not keep the agent from ending.
        defer { output.finish() }
        let log = Logger(label: "relink") {
            PlainLogHandler(label: $0, level: configuration.logLevel, output: output)
        }
        do {
            let agent = try Agent(configuration: configuration, log: log, randomness: consume randomness)
            do {
                if let record {
                    var options = RecordingOptions(path: record, keepsWholeFrames: recordWhole)
                    if let recordSize { options.fileLength = recordSize << 20 }
                    if let recordFiles { options.files = recordFiles }
                    try agent.startRecording(options)
                }
                if let recordSecrets { try agent.startKeyLog(path: recordSecrets) }
            } catch {
                agent.discardRecordings()
                throw error
            }
            // Frames can't wait for other programs. Without the right to it, the agent runs as well as it can.
            if setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -10) != 0 {
                log.debug("the priority stays as it is: errno \(errno)")
            }
            // Nor for the program's own pages to come from a disk, when a link has just died.
            if mlockall(MCL_CURRENT) != 0 { log.debug("memory stays as it is: errno \(errno)") }
            try agent.run()
        } catch {
            output.write("relink: \(error)")
            throw ExitCode.failure
        }
    }
}
