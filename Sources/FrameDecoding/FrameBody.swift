import IEEE80211
import SessionCore

/// What stands behind the header of a frame, as far as it is read.
public enum FrameBody: Sendable {
    /// Nothing that is read here.
    case none
    /// It is encrypted.
    case encrypted
    /// It is a part of a longer one.
    case fragment
    /// A management frame that is no action frame.
    case management(ManagementBody)
    /// An action frame: how it begins, and what it says if that could be read.
    case action(ActionHead, Action?)
    /// A BlockAckReq frame.
    case blockAckRequest(BlockAckRequest)
    /// A BlockAck frame.
    case blockAck(BlockAck)
    /// A data frame with a payload of a session of this project's protocol.
    case payload(Result<PayloadFrame, SessionFrameError>)
    /// A data frame with a payload of which the capture kept only the start: its header, and how many octets the payload had.
    case payloadStart(PayloadHeader, count: Int)
    /// A data frame that was encrypted.
    case decrypted(DecryptedContent)

    /// Whether there is a payload of a session in it, readable or not.
    var carriesPayload: Bool {
        switch self {
        case .payload, .payloadStart: true
        case .decrypted(let content): content.payload != nil
        case .none, .encrypted, .fragment, .management, .action, .blockAckRequest, .blockAck: false
        }
    }

    /// Reads the body. On a fault, what stands before the fault is kept.
    mutating func read(
        _ mpdu: Span<UInt8>, _ header: MACHeader, isPadded: Bool, isCut: Bool
    ) throws(FrameError) {
        switch header.kind {
        case .action, .actionNoAck: try readAction(mpdu, header)
        case .blockAckRequest:
            self = .blockAckRequest(try BlockAckRequest(parsing: mpdu, from: header.headerLength))
        case .blockAck: self = .blockAck(try BlockAck(parsing: mpdu, from: header.headerLength))
        case let kind where kind.type == .management:
            let body = try ManagementBody(parsing: mpdu, header: header)
            self = .management(body)
            try body.checkElements(of: mpdu, header: header)
        case .qosData:
            try header.requireReadableBody()
            readPayload(mpdu, from: isPadded ? (header.headerLength + 3) & ~3 : header.headerLength, isCut: isCut)
        case let kind where kind.type == .data: try header.requireReadableBody()
        default: break
        }
    }

    private mutating func readAction(_ mpdu: Span<UInt8>, _ header: MACHeader) throws(FrameError) {
        try header.requireReadableBody()
        let start = header.headerLength
        let head = try ActionHead(parsing: mpdu, at: start)
        self = .action(head, nil)
        do throws(FrameError) {
            self = .action(head, try Action(parsing: mpdu, from: start))
        } catch {
            // The fixed fields are good when the fault is in an element: it starts where the fault is, or an octet before.
            for end in [error.offset, error.offset - 1] where end > start && end <= mpdu.count {
                guard let action = try? Action(parsing: mpdu.extracting(first: end), from: start) else { continue }
                self = .action(head, action)
                break
            }
            throw error
        }
    }

    private mutating func readPayload(_ mpdu: Span<UInt8>, from start: Int, isCut: Bool) {
        guard mpdu.count > start + PayloadHeader.prefix.count else { return }
        for (index, octet) in PayloadHeader.prefix.enumerated() where mpdu[start + index] != octet { return }
        let octets = [UInt8](capacity: mpdu.count - start) { output in
            for index in start..<mpdu.count { output.append(mpdu[index]) }
        }
        do throws(SessionFrameError) {
            if let payload = try PayloadFrame(body: octets) { self = .payload(.success(payload)) }
        } catch {
            self = .payload(.failure(error))
            guard isCut, error == .truncated, let (header, count) = PayloadHeader.readStart(octets.span) else { return }
            self = .payloadStart(header, count: count)
        }
    }
}
