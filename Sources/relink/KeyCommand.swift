import Agent
import ArgumentParser
import Glibc
import LinkSecurity

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make keys, and tell them apart.",
        discussion: """
            Devices that share a key protect all frames between them: only the other device reads payloads, and only it can \
            establish, rebuild, share or end a session.

              sudo relink key generate /etc/relink.key       # on one device
              scp /etc/relink.key other:/etc/relink.key      # to the others, over a way that you trust
              key_file = "/etc/relink.key"                   # in the configuration of all

            docs/security.md says what a key protects from, and what it does not.
            """,
        subcommands: [GenerateCommand.self, FingerprintCommand.self])

    struct GenerateCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "generate",
            abstract: "Draw a key.",
            discussion: """
                Writes it to FILE, which only its owner may read, or to standard output; the fingerprint goes to standard error. A \
                file that is there already stays as it is.

                Exit status: 0 when the key is written, 1 otherwise.
                """)

        @Argument(help: ArgumentHelp("Where to write the key.", valueName: "file"))
        var path: String?

        @Flag(
            help: ArgumentHelp(
                "Write the lab's own key, which is published and protects nothing.", visibility: .hidden))
        var lab = false

        func run() throws {
            guard let key = lab ? .lab : PreSharedKey(octets: Agent.randomOctets(PreSharedKey.length)) else {
                StandardError.write("relink: the system's generator gave no random octets")
                throw ExitCode.failure
            }
            let text = KeyFile.text(sharing: key)
            if let path {
                if let problem = KeyFileWriter.write(text, to: path) {
                    StandardError.write("relink: \(path): \(problem)")
                    throw ExitCode.failure
                }
            } else {
                StandardOutput.write(String(text.dropLast()))
            }
            StandardError.write("fingerprint \(key.fingerprint)")
        }
    }

    struct FingerprintCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fingerprint",
            abstract: "Tell the fingerprint of the key in a file.",
            discussion:
                "Two devices have the same key when the fingerprints are the same. They tell nothing about the key.")

        @Argument(help: ArgumentHelp("The key file.", valueName: "file"))
        var path: String

        func run() throws {
            do throws(KeyFileProblem) {
                let keys = try KeyFileReader.read(path)
                StandardOutput.write(keys.shared?.fingerprint ?? "no key for all peers in this file")
            } catch {
                StandardError.write("relink: \(error.cause); \(error.remedy)")
                throw ExitCode.failure
            }
        }
    }
}
