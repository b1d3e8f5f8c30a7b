import ArgumentParser
import Glibc
import LinkSecurity

extension FrameKeyRing {
    /// The keys of a file that `relink run --record-secrets` wrote.
    /// - Throws: `ExitCode` when there are none, after standard error was told why.
    static func read(_ path: String) throws -> FrameKeyRing {
        let problem: String
        do {
            return try FrameKeyRing(KeyLog.keys(in: String(decoding: FileContents.octets(of: path), as: UTF8.self)))
        } catch let failure as FileContents.Failure {
            problem = String(cString: strerror(failure.code))
        } catch let fault as KeyLog.Fault {
            problem = "line \(fault.line): no key; give what relink run --record-secrets wrote"
        } catch {
            problem = "the keys can't be used: \(error)"
        }
        StandardError.write("relink: \(path): \(problem)")
        throw ExitCode.failure
    }
}
