/// Where something stands in a TOML document: keys, and positions in arrays.
struct DocumentPath: Hashable, CustomStringConvertible {
    /// One step down.
    enum Step: Hashable {
        /// Into the value of a key.
        case key(String)
        /// Into an element of an array, counted from 0.
        case element(Int)
    }

    /// The steps from the document's root.
    private(set) var steps: [Step] = []

    /// The root.
    static let root = DocumentPath()

    /// One step further down.
    func appending(_ step: Step) -> DocumentPath {
        var path = self
        path.steps.append(step)
        return path
    }

    /// One step up; `nil` at the root.
    var parent: DocumentPath? {
        guard !steps.isEmpty else { return nil }
        var path = self
        path.steps.removeLast()
        return path
    }

    /// The keys with dots between them, as a person writes them. Which element of an array is meant, the line says.
    var description: String {
        steps.compactMap { if case .key(let name) = $0 { name } else { nil } }.joined(separator: ".")
    }
}
