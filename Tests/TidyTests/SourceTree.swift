import Foundation

/// A file of the project: its path from the project's root, and its text.
struct SourceFile {
    let path: String
    let text: String
    /// The text as Swift source.
    let source: SourceText

    init(path: String, text: String) {
        self.path = path
        self.text = text
        source = SourceText(text)
    }

    var isSwift: Bool { path.hasSuffix(".swift") }

    /// The room it belongs to: the folder in `Sources`.
    var room: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }
}

/// The project's own files, without what builds and runs leave behind.
enum SourceTree {
    private static let folders = ["Sources", "Tests", "CNetlink", "CCrypto", "tools", "docs", ".ci"]
    private static let byproducts = ["__pycache__"]
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// All text files, in the order of their paths.
    static func files() throws -> [SourceFile] {
        let manager = FileManager.default
        var paths = try manager.contentsOfDirectory(atPath: root.path).filter { name in
            [".md", ".swift", ".swift-format", ".gitignore"].contains(where: name.hasSuffix)
        }
        for folder in folders {
            guard let names = manager.enumerator(atPath: root.appending(path: folder).path) else { continue }
            for case let name as String in names where !byproducts.contains(where: name.contains) {
                paths.append(folder + "/" + name)
            }
        }
        return paths.sorted().compactMap { path in
            guard let data = manager.contents(atPath: root.appending(path: path).path),
                let text = String(data: data, encoding: .utf8)
            else { return nil }
            return SourceFile(path: path, text: text)
        }
    }
}
