/// A configuration that can't be used: everything that is wrong with it, in the order of its lines.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Problem: Equatable, Sendable {
        /// The line, from 1 on; `nil` when the file as a whole is meant.
        public var line: Int?
        /// The key, with dots between tables; empty when none is meant.
        public var key: String
        /// What is wrong.
        public var cause: String
        /// What to write or do instead.
        public var remedy: String
    }

    /// The file, as the user named it.
    public var file: String
    /// What is wrong; never empty.
    public var problems: [Problem]

    /// One line per problem: `FILE:LINE: key: what is wrong; what to write instead`.
    public var description: String {
        problems.map { problem in
            let place = problem.line.map { "\(file):\($0): " } ?? "\(file): "
            let key = problem.key.isEmpty ? "" : "\(problem.key): "
            return "\(place)\(key)\(problem.cause); \(problem.remedy)"
        }.joined(separator: "\n")
    }
}

/// Gathers what is wrong with a document, so that the user sees all of it at once.
final class ProblemCollector {
    private(set) var problems: [ConfigurationError.Problem] = []
    private let locator: KeyLocator

    init(locator: KeyLocator) { self.locator = locator }

    /// Notes that what stands at `path` is wrong.
    func report(_ path: DocumentPath, _ cause: String, _ remedy: String) {
        problems.append(
            ConfigurationError.Problem(
                line: locator.line(of: path), key: path.description, cause: cause, remedy: remedy))
    }
}
