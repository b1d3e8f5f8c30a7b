import IEEE80211
import SessionCore

/// Which frames somebody wants to see. Of several values for one property one must fit; of several properties all must.
public struct FrameFilter: Sendable {
    /// What kinds of frames; any if there are none.
    public var kinds: [Kind] = []
    /// Frames that one of these addresses receives, transmits, gets in the end or sent in the beginning, or whose BSSID it is.
    public var addresses: [MACAddress] = []
    /// Frames that name one of these sessions: in a session element, a heartbeat, a block acknowledgment or a payload.
    public var sessions: [SessionIdentifier] = []
    /// Over which links, or about which.
    public var links: [Link] = []

    /// A kind of frame, by type, subtype, or what it says.
    public enum Kind: Hashable, Sendable {
        /// All frames of a type.
        case type(FrameType)
        /// All frames of a type and subtype.
        case subtype(FrameKind)
        /// An ADDBA Request, an ADDBA Response, a DELBA.
        case addBlockAckRequest, addBlockAckResponse, deleteBlockAck
        /// An action of this project's protocol.
        case heartbeat, sessionAcknowledgment, blockAcknowledgment, announcement
        /// A payload of a session.
        case payload
    }

    /// A link.
    public enum Link: Hashable, Sendable {
        /// The interface of the capture that gave the packet, from 0.
        case interface(Int)
        /// A link ID that the frame names: in its Multi-Link element, among the links of its session element, or of its heartbeat.
        case identifier(LinkIdentifier)
    }

    /// Makes a filter that lets everything through.
    public init() {}

    /// Whether it lets everything through.
    public var isEmpty: Bool { kinds.isEmpty && addresses.isEmpty && sessions.isEmpty && links.isEmpty }

    /// Whether it lets a packet through. Of a packet that is no 802.11 frame, or could not be read, only the interface is known.
    public func accepts(_ report: FrameReport) -> Bool {
        fits(kinds) { Self.fits($0, report) }
            && fits(addresses) { report.header?.names($0) == true }
            && (sessions.isEmpty && links.isEmpty || acceptsContent(of: report))
    }

    private func acceptsContent(of report: FrameReport) -> Bool {
        let content = FrameContent(report.body)
        return fits(sessions, content.names)
            && fits(links) { link in
                switch link {
                case .interface(let index): report.interface == index
                case .identifier(let identifier): content.links.contains(identifier)
                }
            }
    }

    private func fits<Value>(_ values: [Value], _ fits: (Value) -> Bool) -> Bool {
        values.isEmpty || values.contains(where: fits)
    }

    private static func fits(_ kind: Kind, _ report: FrameReport) -> Bool {
        guard let header = report.header else { return false }
        switch kind {
        case .type(let type): return header.frameControl.type == type
        case .subtype(let subtype): return header.frameControl.kind == subtype
        case .payload: if report.body.carriesPayload { return true }
        case .addBlockAckRequest: if case .action(_, .addBlockAckRequest) = report.body { return true }
        case .addBlockAckResponse: if case .action(_, .addBlockAckResponse) = report.body { return true }
        case .deleteBlockAck: if case .action(_, .deleteBlockAck) = report.body { return true }
        case .heartbeat: if case .heartbeat = FrameContent(report.body).peerAction { return true }
        case .sessionAcknowledgment:
            if case .sessionAcknowledgment = FrameContent(report.body).peerAction { return true }
        case .blockAcknowledgment: if case .blockAcknowledgment = FrameContent(report.body).peerAction { return true }
        case .announcement: if case .announcement = FrameContent(report.body).peerAction { return true }
        }
        return false
    }
}

// MARK: - What people type

extension FrameFilter.Kind {
    /// The kind that a name names: `management`, `control`, `data`, `extension`; the standard's name of a subtype (`beacon`,
    /// `qos-data`); `addba-request`, `addba-response`, `delba`; `heartbeat`, `session-acknowledgment`, `block-acknowledgment`,
    /// `announcement`, `payload`. Case and everything but letters and digits do not count.
    public init?(_ name: String) {
        let name = Self.essence(name)
        if let named = Self.named.first(where: { $0.name == name }) {
            self = named.kind
            return
        }
        for type in FrameType.allCases {
            for kind in (0..<16).map({ FrameKind(type: type, subtype: $0) })
            where !name.hasPrefix("reserved") && Self.essence(kind.name.description) == name {
                self = .subtype(kind)
                return
            }
        }
        return nil
    }

    private static func essence(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }

    private static let named: [(name: String, kind: FrameFilter.Kind)] = [
        ("management", .type(.management)), ("control", .type(.control)), ("data", .type(.data)),
        ("extension", .type(.extension)), ("addbarequest", .addBlockAckRequest),
        ("addbaresponse", .addBlockAckResponse), ("delba", .deleteBlockAck), ("heartbeat", .heartbeat),
        ("sessionacknowledgment", .sessionAcknowledgment), ("blockacknowledgment", .blockAcknowledgment),
        ("announcement", .announcement), ("payload", .payload),
    ]
}

extension FrameFilter.Link {
    /// The link that a text names: a link ID (`2`), or an interface of the capture (`interface:0`).
    public init?(_ text: String) {
        let prefix = "interface:"
        if text.hasPrefix(prefix) {
            guard let index = Int(text.dropFirst(prefix.count)), index >= 0 else { return nil }
            self = .interface(index)
        } else {
            guard let identifier = Int(text).flatMap(LinkIdentifier.init) else { return nil }
            self = .identifier(identifier)
        }
    }
}

// MARK: - What frames name

extension MACHeader {
    /// Whether an address plays any part in the frame.
    fileprivate func names(_ address: MACAddress) -> Bool {
        receiver == address || transmitter == address || destination == address || source == address
            || bssid == address
    }
}

/// What a frame says that filters ask for.
private struct FrameContent {
    /// The action of this project's protocol, if it is one that can be read.
    private(set) var peerAction: PeerAction?
    /// The links that it names.
    private(set) var links: LinkSet = []
    private var session: SessionIdentifier?

    init(_ body: FrameBody) {
        switch body {
        case .payload(.success(let payload)): session = payload.header.session
        case .payloadStart(let header, _): session = header.session
        case .decrypted(let content):
            session = content.payload?.header.session
            guard let link = content.payload?.link, let identifier = LinkIdentifier(Int(link)) else { break }
            links = links.inserting(identifier)
        case .action(_, .addBlockAckRequest(let request)?): read(request.elements)
        case .action(_, .addBlockAckResponse(let response)?): read(response.elements)
        case .action(_, .deleteBlockAck(let delete)?): read(delete.elements)
        case .action(_, .vendorSpecific(let action)?) where action.oui == SessionElement.oui:
            peerAction = try? PeerAction(body: action.body)
            if case .heartbeat(let heartbeat)? = peerAction {
                links = LinkSet(rawValue: heartbeat.sessions.reduce(0) { $0 | $1.links.rawValue })
            } else if case .announcement(let announcement)? = peerAction {
                links = [announcement.link]
            }
        default: break
        }
    }

    private mutating func read(_ elements: [IEEE80211.Element]) {
        let element = try? SessionElement(in: elements)
        session = element?.session
        links = element?.links ?? []
        let multiLink = try? BasicMultiLinkElement(in: elements)
        guard let linkID = multiLink?.linkID, let identifier = LinkIdentifier(Int(linkID)) else { return }
        links = links.inserting(identifier)
    }

    /// Whether it names a session.
    func names(_ identifier: SessionIdentifier) -> Bool {
        switch peerAction {
        case .heartbeat(let heartbeat)?: heartbeat.sessions.contains { $0.session == identifier }
        case .blockAcknowledgment(let acknowledgment)?: acknowledgment.session == identifier
        case .sessionAcknowledgment?, .announcement?, nil: session == identifier
        }
    }
}
