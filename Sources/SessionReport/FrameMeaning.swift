import CaptureFiles
import FrameDecoding
import IEEE80211
import LinkSecurity
import Recording
import SessionCore

/// What a report has to know of a frame beside its text.
struct FrameMeaning {
    var kind = ReportModel.Kind.other
    /// The session that a payload, block acknowledgment or session frame is of.
    var session: SessionIdentifier?
    /// A payload's sequence number.
    var sequence: UInt32?
    /// The number before which all is acknowledged.
    var acknowledged: UInt32?
    /// Whether it asks for a rebuild.
    var isRebuild = false
    /// Its sender's MLD address and link ID, where it says so.
    var device: MACAddress?
    var link: Int?
    /// The device that announces itself.
    var announced: MACAddress?
    /// The transmission that it answers, or that it is.
    var answered: UInt32?
    var transmission: UInt32?

    init(mpdu: [UInt8], keys: FrameKeyRing? = nil) {
        let record = CaptureRecord(linkType: .ieee80211, timestamp: nil, originalLength: mpdu.count, octets: mpdu)
        let report = FrameReport(number: 0, record, keys: keys)
        switch report.body {
        case .payload(.success(let payload)): read(payload.header)
        case .decrypted(let content): content.payload.map { read($0.header) } ?? (kind = .payload)
        case .payload(.failure), .payloadStart: kind = .payload
        case .action(_, let action?): read(action)
        case .encrypted: if report.header?.kind.type == .data { kind = .payload }
        case .none, .fragment, .management, .action, .blockAckRequest, .blockAck: break
        }
    }

    private mutating func read(_ header: PayloadHeader) {
        guard !header.isProbe else { return }
        kind = .payload
        session = header.session
        sequence = header.sequence.rawValue
        transmission = header.transmission.rawValue
    }

    private mutating func read(_ action: Action) {
        switch action {
        case .addBlockAckRequest(let request): readSession(request.elements)
        case .addBlockAckResponse(let response): readSession(response.elements)
        case .deleteBlockAck(let end): readSession(end.elements)
        case .vendorSpecific(let action):
            guard action.oui == SessionElement.oui, let own = try? PeerAction(body: action.body) else { return }
            switch own {
            case .heartbeat(let heartbeat):
                kind = .heartbeat
                transmission = heartbeat.transmission.rawValue
            case .sessionAcknowledgment(let number):
                kind = .acknowledgment
                answered = number.rawValue
            case .blockAcknowledgment(let acknowledgment):
                kind = .blockAcknowledgment
                session = acknowledgment.session
                acknowledged = acknowledgment.start.rawValue
            case .announcement(let announcement):
                announced = announcement.mldAddress
                device = announced
                link = Int(announcement.link.rawValue)
            }
        case .publicAction, .protectedVendorSpecific, .other: break
        }
    }

    private mutating func readSession(_ elements: [Element]) {
        kind = .session
        if let element = try? SessionElement(in: elements) {
            session = element.session
            transmission = element.transmission.rawValue
            isRebuild = element.flags.contains(.rebuild) && !element.flags.contains(.sharing)
        }
        if let own = try? BasicMultiLinkElement(in: elements) {
            device = own.mldAddress
            link = own.linkID.map(Int.init)
        }
    }
}
