import Agent
import CaptureFiles
import ControlProtocol
import Glibc
import Recording

/// A recording read from its files.
struct RecordingFiles {
    /// The head of the first file.
    let start: RecordingStart
    /// Everything, in its order.
    let items: [RecordedItem]
    /// Whether the last file ends in the middle of something.
    let isCut: Bool
    /// How many files it is.
    let count: Int

    /// Why a recording can't be read.
    enum Problem: Error {
        case system(path: String, code: Int32)
        case format(path: String, RecordingError)
        case empty(path: String)
    }

    /// Reads a file and those that follow it.
    init(path: String) throws(Problem) {
        var items: [RecordedItem] = []
        var start: RecordingStart?
        var isCut = false
        var count = 0
        var next = path
        while true {
            let octets: [UInt8]
            do { octets = try FileContents.octets(of: next) } catch {
                if count > 0, error.code == ENOENT { break }
                throw .system(path: next, code: error.code)
            }
            var decoder = RecordingDecoder(octets: octets)
            var found: [RecordedItem] = []
            do throws(RecordingError) {
                while let item = try decoder.next() { found.append(item) }
            } catch {
                // Something else of that name.
                if count > 0, error.reason == .notPcapng || error.reason == .notRecording { break }
                throw .format(path: next, error)
            }
            guard let head = decoder.start else {
                guard count > 0 else { throw .empty(path: next) }
                // The disk was full, or the power failed, just when it was begun.
                isCut = true
                break
            }
            // A file of another recording may lie there, or a copy.
            if let start, head.seed != start.seed || head.part != start.part &+ UInt32(count) { break }
            start = start ?? head
            items += found
            isCut = decoder.isCut
            count += 1
            next = Self.follower(of: path, first: start?.part ?? 0, part: head.part &+ 1)
        }
        guard let start else { throw .empty(path: path) }
        self.start = start
        self.items = items
        self.isCut = isCut
        self.count = count
    }

    /// The path of the file with another number, where `path` is the one with the number `first`.
    private static func follower(of path: String, first: UInt32, part: UInt32) -> String {
        let suffix = ".\(first)"
        return (first > 0 && path.hasSuffix(suffix) ? String(path.dropLast(suffix.count)) : path) + ".\(part)"
    }
}

extension RecordingFiles.Problem: CustomStringConvertible {
    var description: String {
        switch self {
        case .system(let path, let code): "\(path): \(SystemError.text(code))"
        case .format(let path, let error): "\(path): \(error)"
        case .empty(let path): "\(path): no head of a recording is in it; it was cut before it"
        }
    }
}

/// Files read whole.
enum FileContents {
    struct Failure: Error { var code: Int32 }

    static func octets(of path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Failure(code: errno) }
            if count == 0 { return octets }
            octets.append(contentsOf: buffer[..<count])
        }
    }
}
