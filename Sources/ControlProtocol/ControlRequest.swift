/// What a client asks of a running agent: one line each. JSON: `{"request":"status"}`, `{"request":"events","all":true}`.
public enum ControlRequest: Equatable, Sendable {
    /// One `ControlMessage.status`; the connection stays open for the next request.
    case status
    /// Events as they happen, until one side closes. `all` sends those first that the agent still remembers.
    case events(all: Bool)
}

extension ControlRequest: Codable {
    private enum Key: String, CodingKey { case request, all }
    private enum Name: String, Codable { case status, events }

    /// Reads a request.
    /// - Throws: `DecodingError` for a request that this version does not know.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        switch try container.decode(Name.self, forKey: .request) {
        case .status: self = .status
        case .events: self = .events(all: try container.decodeIfPresent(Bool.self, forKey: .all) ?? false)
        }
    }

    /// Writes a request.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .status: try container.encode(Name.status, forKey: .request)
        case .events(let all):
            try container.encode(Name.events, forKey: .request)
            try container.encode(all, forKey: .all)
        }
    }
}
