import ArgumentParser
import Glibc
import LinkSecurity

/// What `relink run --record-secrets` wrote.
enum KeyLogFile {
    /// Reads it. Tells what is wrong, and ends the command, when it is none.
    static func read(_ path: String) throws -> KeyLog {
        let problem: String
        do {
            return try KeyLog(parsing: String(decoding: FileContents.octets(of: path), as: UTF8.self))
        } catch let failure as FileContents.Failure {
            problem = String(cString: strerror(failure.code))
        } catch let fault as KeyLog.Fault {
            problem = "line \(fault.line): no key; give what relink run --record-secrets wrote"
        }
        StandardError.write("relink: \(path): \(problem)")
        throw ExitCode.failure
    }

    /// Reads the keys of frames in it.
    static func ring(_ path: String) throws -> FrameKeyRing {
        let log = try read(path)
        do { return try FrameKeyRing(log.keys) } catch {
            StandardError.write("relink: \(path): the keys can't be used: \(error)")
            throw ExitCode.failure
        }
    }
}
