/// What a client asks of a running agent: one line each. JSON: `{"request":"status"}`, `{"request":"events","all":true}`,
/// `{"request":"connect","peer":"b","tid":0}`, `{"request":"close","session":"8b5d21f093c46e17"}`,
/// `{"request":"share","session":"8b5d21f093c46e17","links":[2]}`, `{"request":"record","file":"/tmp/a.pcapng"}`.
public enum ControlRequest: Equatable, Sendable {
    /// One `ControlMessage.status`; the connection stays open for the next request.
    case status
    /// Events as they happen, until one side closes. `all` sends those first that the agent still remembers.
    case events(all: Bool)
    /// Want a session with a peer, this agent as its initiator, from now on. The peer's name or its MLD address; the TID,
    /// `0 ... 7`. Answered like `status`, or refused.
    case connect(peer: String, tid: Int)
    /// End a session, named as in the status; it is not wanted any more. Answered like `status`, or refused.
    case close(session: String)
    /// Let a session of which this agent is the initiator live on these links, too. Answered like `status`, or refused; the
    /// session lives on them when its `links` say so.
    case share(session: String, links: [Int])
    /// Begin to record to a file that is not there yet, with about so many octets in each of so many files, and frames with
    /// payloads whole or not; without a file, end the recording. Answered like `status`, or refused.
    case record(file: String?, fileLength: Int = 64 << 20, files: Int = 8, isWhole: Bool = false)
}

extension ControlRequest: Codable {
    private enum Key: String, CodingKey { case request, all, peer, tid, session, links, file, fileLength, files, whole }
    private enum Name: String, Codable { case status, events, connect, close, share, record }

    /// Reads a request.
    /// - Throws: `DecodingError` for a request that this version does not know.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        switch try container.decode(Name.self, forKey: .request) {
        case .status: self = .status
        case .events: self = .events(all: try container.decodeIfPresent(Bool.self, forKey: .all) ?? false)
        case .connect:
            self = .connect(
                peer: try container.decode(String.self, forKey: .peer),
                tid: try container.decodeIfPresent(Int.self, forKey: .tid) ?? 0)
        case .close: self = .close(session: try container.decode(String.self, forKey: .session))
        case .share:
            self = .share(
                session: try container.decode(String.self, forKey: .session),
                links: try container.decode([Int].self, forKey: .links))
        case .record:
            let fileLength = try container.decodeIfPresent(Int.self, forKey: .fileLength) ?? 64 << 20
            let files = try container.decodeIfPresent(Int.self, forKey: .files) ?? 8
            self = .record(
                file: try container.decodeIfPresent(String.self, forKey: .file), fileLength: fileLength, files: files,
                isWhole: try container.decodeIfPresent(Bool.self, forKey: .whole) ?? false)
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
        case .connect(let peer, let tid):
            try container.encode(Name.connect, forKey: .request)
            try container.encode(peer, forKey: .peer)
            try container.encode(tid, forKey: .tid)
        case .close(let session):
            try container.encode(Name.close, forKey: .request)
            try container.encode(session, forKey: .session)
        case .share(let session, let links):
            try container.encode(Name.share, forKey: .request)
            try container.encode(session, forKey: .session)
            try container.encode(links, forKey: .links)
        case .record(let file, let fileLength, let files, let isWhole):
            try container.encode(Name.record, forKey: .request)
            try container.encodeIfPresent(file, forKey: .file)
            if file != nil {
                try container.encode(fileLength, forKey: .fileLength)
                try container.encode(files, forKey: .files)
                if isWhole { try container.encode(isWhole, forKey: .whole) }
            }
        }
    }
}
