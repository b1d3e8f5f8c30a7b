import Glibc
import LabMedium

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads scripts and commands.
enum ScriptFile {
    /// The script in a file.
    static func read(_ path: String) throws(MediumError) -> Script {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, code: errno) }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { break }
            guard count > 0 else { throw .unreadable(path: path, code: errno) }
            octets += buffer[..<count]
        }
        do { return try JSONDecoder().decode(Script.self, from: Data(octets)) } catch {
            throw .notAScript(path: path, reason: reason(of: error))
        }
    }

    /// What is wrong with some JSON, in one line.
    static func reason(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let context: DecodingError.Context? =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context): context
            case .dataCorrupted(let context): context
            @unknown default: nil
            }
        guard let context else { return "\(error)" }
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    }
}

/// What a line on standard input asks for.
struct Command: Decodable {
    /// New settings, from now on.
    var set: Change?
    /// The counters.
    var report: Bool?

    /// The command in a line.
    static func parse(_ line: [UInt8]) -> Result<Command, CommandError> {
        do { return .success(try JSONDecoder().decode(Command.self, from: Data(line))) } catch {
            return .failure(CommandError(reason: ScriptFile.reason(of: error)))
        }
    }
}

/// Why a line is no command.
struct CommandError: Error {
    /// One line for people.
    var reason: String
}

/// What is written on standard output: one line each.
struct Answer: Encodable {
    /// The seed; in the first line only.
    var seed: UInt64?
    /// Whether a command was done.
    var done: Bool?
    /// Why it was not.
    var error: String?
    /// What was counted.
    var counters: MediumCounters?
}
