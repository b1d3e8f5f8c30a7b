import IEEE80211
import SessionCore

extension FrameBody {
    /// Appends what the body says, behind the name of the frame.
    func appendText(to line: inout [UInt8], _ header: MACHeader) {
        switch self {
        case .none: break
        case .encrypted: line.append(", encrypted")
        case .fragment: line.append(", fragment")
        case .management(let body):
            line.append(", status ", body.status?.rawValue)
            line.append(", reason ", body.reason?.rawValue)
        case .action(let head, let action):
            line.append(": ")
            if let action { action.appendText(to: &line) } else { Self.append(head, to: &line) }
        case .blockAckRequest(let request):
            line.append(", ")
            line.append(request.control.variant.name)
            line.append(", TID ", request.tid)
            line.append(", start ", request.start?.sequence)
            if case .multiTID(let infos) = request.information { line.append(", TIDs: ", infos.count) }
            if case .group(_, let address) = request.information { line.append(", group ", address) }
        case .blockAck(let blockAck): Self.append(blockAck, to: &line)
        case .payload(let payload): Self.append(payload, to: &line)
        case .payloadStart(let header, let count): Self.append(header, count, to: &line)
        case .decrypted(let content):
            guard let payload = content.payload else { return line.append(", decrypted") }
            Self.append(payload.header, payload.count, to: &line)
            line.append(", link ", payload.link)
        }
    }

    private static func append(_ head: ActionHead, to line: inout [UInt8]) {
        if let name = categoryName(head.category) {
            line.append(name)
        } else {
            line.append("category ", head.category)
        }
        line.append(", action ", head.code)
    }

    private static func append(_ blockAck: BlockAck, to line: inout [UInt8]) {
        line.append(", ")
        line.append(blockAck.control.variant.name)
        line.append(", TID ", blockAck.tid)
        if let window = blockAck.window {
            line.append(", start ", window.start.sequence)
            line.append(", ", BlockAckBitmap.count(window.bitmap))
            line.append(" of ", window.bitmap.count * 8)
            line.append(" received")
        }
        switch blockAck.information {
        case .multiTID(let infos): line.append(", TIDs: ", infos.count)
        case .multiSTA(let infos): line.append(", entries: ", infos.count)
        case .group(_, let address, _): line.append(", group ", address)
        case .extended(_, let capacity): line.append(", buffers left ", capacity)
        case .single, .other: break
        }
    }

    private static func append(_ payload: Result<PayloadFrame, SessionFrameError>, to line: inout [UInt8]) {
        switch payload {
        case .success(let payload):
            append(payload.header, payload.payload.count, to: &line)
        case .failure(let error):
            line.append("; Relink payload, not readable: ")
            line.append(text: error.text)
        }
    }

    private static func append(_ header: PayloadHeader, _ count: Int, to line: inout [UInt8]) {
        line.append(header.isProbe ? "; Relink probe" : "; Relink payload ")
        if !header.isProbe { line.append(decimal: header.sequence.rawValue) }
        line.append(", ", count)
        line.append(" octets, ")
        line.append(header.session)
    }
}

extension Action {
    /// Appends what the action says.
    fileprivate func appendText(to line: inout [UInt8]) {
        switch self {
        case .addBlockAckRequest(let request):
            line.append("ADDBA Request")
            line.append(", token ", request.dialogToken)
            line.append(request.parameters, timeout: request.timeout)
            line.append(", start ", request.startingSequence.sequence)
            line.append(elements: request.elements)
        case .addBlockAckResponse(let response):
            line.append("ADDBA Response")
            line.append(", token ", response.dialogToken)
            line.append(", status ", response.status.rawValue)
            line.append(response.parameters, timeout: response.timeout)
            line.append(elements: response.elements)
        case .deleteBlockAck(let delete):
            line.append(delete.initiator ? "DELBA by the originator" : "DELBA by the recipient")
            line.append(", TID ", delete.tid)
            line.append(", reason ", delete.reason.rawValue)
            line.append(elements: delete.elements)
        case .publicAction(let action):
            line.append("Public")
            line.append(", action ", action.code.rawValue)
            line.append(", token ", action.dialogToken)
            if let content = action.vendorSpecific { line.append(content.oui) }
        case .vendorSpecific(let action): line.append(vendorSpecific: action)
        case .protectedVendorSpecific(let action):
            line.append("Protected vendor-specific")
            line.append(action.oui)
        case .other(let category, let body):
            if let name = categoryName(category) { line.append(name) } else { line.append("category ", category) }
            line.append(", action ", body.first)
        }
    }
}

extension [UInt8] {
    /// Appends words with an address.
    mutating func append(_ words: StaticString, _ address: MACAddress) {
        append(words)
        append(text: address)
    }

    mutating func append(_ oui: OUI) {
        append(" of ")
        append(hex: UInt8(oui.rawValue >> 16))
        append("-")
        append(hex: UInt8(oui.rawValue >> 8 & 255))
        append("-")
        append(hex: UInt8(oui.rawValue & 255))
    }

    fileprivate mutating func append(_ parameters: BlockAckParameterSet, timeout: UInt16) {
        append(", TID ", parameters.tid)
        append(", buffer ", parameters.bufferSize)
        append(parameters.policy == .immediate ? ", immediate" : ", delayed")
        if timeout > 0 { append(", timeout ", timeout) }
    }
}
