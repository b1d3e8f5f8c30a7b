import ArgumentParser
import ControlProtocol
import Glibc

struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Let a running agent record.",
        discussion: """
            A recording is a pcapng file with the frames of all links, and with all else that the agent's core was handed and \
            decided; tshark, Wireshark and "relink decode" read the frames. What the core knew before it began is missing in it, \
            so "relink replay" wants one that began with the agent: relink run --record FILE.

            Exit status: 0 when the agent does it, 1 otherwise.
            """,
        subcommands: [Start.self, Stop.self])

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Begin to record to a file that is not there yet.")

        @Argument(help: ArgumentHelp("The file; further ones get .1, .2, … behind its name.", valueName: "file"))
        var file: String

        @Option(help: ArgumentHelp("How long each file may be.", valueName: "MiB"))
        var size = 64

        @Option(help: ArgumentHelp("How many files are kept.", valueName: "count"))
        var files = 8

        @Flag(help: "Record frames with payloads whole, not their first 160 octets.")
        var whole = false

        @OptionGroup var options: ControlOptions

        func validate() throws {
            guard (1...65536).contains(size) else { throw ValidationError("--size goes from 1 to 65536.") }
            guard (1...65536).contains(files) else { throw ValidationError("--files goes from 1 to 65536.") }
        }

        func run() throws {
            // The agent has a working directory of its own.
            var path = file
            if !path.hasPrefix("/"), let directory = getcwd(nil, 0) {
                path = String(cString: directory) + "/" + path
                free(directory)
            }
            try RecordCommand.ask(
                .record(file: path, fileLength: size << 20, files: files, isWhole: whole), options)
        }
    }

    struct Stop: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End the recording.")

        @OptionGroup var options: ControlOptions

        func run() throws { try RecordCommand.ask(.record(file: nil), options) }
    }

    private static func ask(_ request: ControlRequest, _ options: ControlOptions) throws {
        try options.withAgent(request) { client throws(ControlError) in
            let report = try client.receiveStatus()
            if options.json { StandardOutput.write(LineCoding.line(report)) }
        }
    }
}
