import Glibc

/// A directory of its own for one test, removed with all that is in it at the end.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/relink-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallFailed(code: errno) }
        path = template.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    deinit { Self.removeAll(at: path) }

    private static func removeAll(at path: String) {
        for name in names(in: path) { removeAll(at: path + "/" + name) }
        remove(path)
    }

    struct SystemCallFailed: Error { var code: Int32 }

    /// The names in a directory.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
