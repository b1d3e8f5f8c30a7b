/// What an agent sends over its control socket: one line each, an object with one key that says what it is.
public enum ControlMessage: Equatable, Sendable {
    /// The first line of every connection: the version that the agent speaks. JSON: `{"greeting":{"version":1}}`.
    case greeting(version: Int)
    /// The answer to `ControlRequest.status`.
    case status(StatusReport)
    /// Something that happened.
    case event(EventReport)
    /// The agent does not do what was asked, and closes the connection. The text says why, for a person.
    case refused(String)
    /// The agent stops; nothing follows. A connection that ends without this line was cut: the agent was killed, or it dropped
    /// a client that read too slowly.
    case farewell
}

extension ControlMessage: Codable {
    private enum Key: String, CodingKey { case greeting, status, event, refused, farewell }
    private struct Greeting: Codable { var version: Int }
    private struct Farewell: Codable {}

    /// Reads a message.
    /// - Throws: `DecodingError` for a message that this version does not know.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        guard let key = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "not one known message"))
        }
        switch key {
        case .greeting: self = .greeting(version: try container.decode(Greeting.self, forKey: key).version)
        case .status: self = .status(try container.decode(StatusReport.self, forKey: key))
        case .event: self = .event(try container.decode(EventReport.self, forKey: key))
        case .refused: self = .refused(try container.decode(String.self, forKey: key))
        case .farewell: self = .farewell
        }
    }

    /// Writes a message.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .greeting(let version): try container.encode(Greeting(version: version), forKey: .greeting)
        case .status(let report): try container.encode(report, forKey: .status)
        case .event(let report): try container.encode(report, forKey: .event)
        case .refused(let text): try container.encode(text, forKey: .refused)
        case .farewell: try container.encode(Farewell(), forKey: .farewell)
        }
    }
}
