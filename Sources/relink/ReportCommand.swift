import Agent
import ArgumentParser
import CaptureFiles
import ControlProtocol
import Glibc
import LinkSecurity
import Recording
import SessionReport

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make a page that shows what happened.",
        discussion: """
            Writes one HTML file that opens without a network: a ladder of the two devices with a lane for each link, the state of \
            links and sessions, the windows, and every failover measured. Zoom with + and -, go to the failovers with n.

            FILE is the recording of one agent, or those of both (their clocks are brought together by the frames that both \
            have), or a capture of somebody who heard them: then only what the air shows.

            Examples:
              relink report a.pcapng b.pcapng -o report.html
              relink report air.pcap -o report.html
              relink report a.pcapng b.pcapng --keys a.keys -o report.html

            Encrypted payloads have no sequence numbers for it. With --keys and what relink run --record-secrets wrote, windows and the \
            payloads behind a failover are shown of protected sessions, too.

            Exit status: 0 when the page is written, 1 otherwise.
            """)

    @Argument(help: ArgumentHelp("Recordings of one or both agents, or one capture.", valueName: "file"))
    var files: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("The page.", valueName: "file"))
    var output: String

    @Option(help: "What the page is called.")
    var title = "What happened on the links"

    @Option(help: ArgumentHelp("Read protected frames with the keys of this key log.", valueName: "file"))
    var keys: String?

    func validate() throws {
        guard (1...2).contains(files.count) else {
            throw ValidationError("One file, or the recordings of both agents.")
        }
    }

    func run() throws {
        do {
            var builder = ReportBuilder(keys: try keys.map(KeyLogFile.ring))
            for file in files { try add(file, to: &builder) }
            let names = files.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
            let page = ReportPage.html(builder.build(), title: title, sources: names)
            let descriptor = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            let code = descriptor < 0 ? errno : StandardOutput.write(page, to: descriptor)
            if descriptor >= 0 { close(descriptor) }
            guard code == 0 else { throw RecordingFiles.Problem.system(path: output, code: code) }
        } catch let error as RecordingFiles.Problem {
            StandardError.write("relink: \(error)")
            throw ExitCode.failure
        } catch let error as CaptureError {
            StandardError.write("relink: \(files[0]): \(error)")
            throw ExitCode.failure
        } catch let error as ConfigurationError {
            StandardError.write("\(error)")
            throw ExitCode.failure
        }
    }

    private func add(_ file: String, to builder: inout ReportBuilder) throws {
        let recording: RecordingFiles
        do throws(RecordingFiles.Problem) {
            recording = try RecordingFiles(path: file)
        } catch {
            guard error.isForeign, files.count == 1 else { throw error }
            var reader = try CaptureReader(path: file)
            while let record = try reader.next() { builder.add(record) }
            return
        }
        let configuration = try AgentConfiguration(recorded: recording.start.configuration, file: file)
        builder.add(
            recording: recording.items, configuration: configuration.engine, names: configuration.peerNames, file: file)
    }
}

extension RecordingFiles.Problem {
    /// Whether the file may be a capture of somebody else's.
    fileprivate var isForeign: Bool {
        switch self {
        case .system: false
        case .empty: true
        case .format(_, let error): error.reason == .notPcapng || error.reason == .notRecording
        }
    }
}
