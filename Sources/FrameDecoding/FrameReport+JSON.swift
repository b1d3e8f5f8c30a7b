import CaptureFiles
import IEEE80211
import LinkSecurity
import SessionCore

extension FrameReport {
    /// Appends the report as one line of JSON: an object whose keys stand in a fixed order, and are left out where they do not
    /// apply. `relink decode --help` tells them.
    public func appendJSON(to line: inout [UInt8]) {
        line.append("{\"number\":")
        line.append(decimal: number)
        line.append(",\"interface\":")
        line.append(decimal: interface)
        line.append(",\"length\":")
        line.append(decimal: length)
        if !isDecoded { line.append(",\"linkType\":", linkType.rawValue) }
        if let header { Self.append(header, to: &line) }
        appendBody(to: &line)
        line.append(",\"signal\":", radio?.signal)
        line.append(",\"frequency\":", radio?.frequency)
        line.append(",\"txFlags\":", radio?.transmitFlags?.rawValue)
        appendProtection(to: &line)
        line.append(",\"malformed\":")
        if fault == nil {
            line.append("null")
        } else {
            line.append("\"")
            appendFault(to: &line)
            line.append("\"")
        }
        line.append("}\n")
    }

    private static func append(_ header: MACHeader, to line: inout [UInt8]) {
        line.append(",\"type\":", header.frameControl.type.rawValue)
        line.append(",\"subtype\":", header.frameControl.subtype)
        line.append(",\"ra\":", header.receiver)
        line.append(",\"ta\":", header.transmitter)
        line.append(",\"da\":", header.destination)
        line.append(",\"sa\":", header.source)
        line.append(",\"bssid\":", header.bssid)
        line.append(",\"sequence\":", header.sequenceControl?.sequence)
        line.append(",\"fragment\":", header.sequenceControl?.fragment)
    }

    private func appendBody(to line: inout [UInt8]) {
        switch body {
        case .management(let body):
            line.append(",\"status\":", body.status?.rawValue)
        case .action(let head, let action):
            line.append(",\"tid\":", action?.tid)
            line.append(",\"category\":", head.category)
            line.append(",\"action\":", head.code)
            line.append(",\"dialogToken\":", head.dialogToken)
            Self.append(action, to: &line)
        case .blockAckRequest(let request):
            line.append(",\"tid\":", request.tid)
            line.append(",\"startingSequence\":", request.start?.sequence)
        case .blockAck(let blockAck):
            line.append(",\"tid\":", blockAck.tid)
            line.append(",\"startingSequence\":", blockAck.window?.start.sequence)
        case .none, .encrypted, .fragment, .payload, .payloadStart, .decrypted:
            line.append(",\"tid\":", header?.qosControl?.tid)
        }
    }

    private func appendProtection(to line: inout [UInt8]) {
        guard let protection else { return }
        line.append(",\"protection\":\"")
        line.append(protection.name)
        line.append("\"")
        guard case .decrypted(let content) = body else { return }
        if let payload = content.payload {
            line.append(",\"link\":", payload.link)
            line.append(",\"payloadSequence\":", payload.header.sequence.rawValue)
            line.append(",\"payloadLength\":", payload.count)
        }
        line.append(",\"plaintext\":\"")
        for octet in content.plaintext { line.append(hex: octet) }
        line.append("\"")
    }

    private static func append(_ action: Action?, to line: inout [UInt8]) {
        switch action {
        case .addBlockAckRequest(let request):
            append(request.parameters, timeout: request.timeout, to: &line)
            line.append(",\"startingSequence\":", request.startingSequence.sequence)
        case .addBlockAckResponse(let response):
            append(response.parameters, timeout: response.timeout, to: &line)
            line.append(",\"status\":", response.status.rawValue)
        case .deleteBlockAck, .publicAction, .vendorSpecific, .protectedVendorSpecific, .other, nil: break
        }
    }

    private static func append(_ parameters: BlockAckParameterSet, timeout: UInt16, to line: inout [UInt8]) {
        line.append(",\"bufferSize\":", parameters.bufferSize)
        line.append(",\"blockAckPolicy\":", parameters.policy == .immediate ? 1 : 0)
        line.append(",\"timeout\":", timeout)
    }
}

extension FrameReport {
    /// Appends where and why the frame could not be read. Nothing in it needs escaping in JSON.
    func appendFault(to line: inout [UInt8]) {
        guard let fault else { return }
        line.append(text: fault.description)
        guard isCutByCapture else { return }
        line.append(" (the capture kept ")
        line.append(decimal: capturedLength)
        line.append(" of ")
        line.append(decimal: length)
        line.append(")")
    }
}

extension Action {
    /// The traffic identifier, in the actions that have one.
    var tid: UInt8? {
        switch self {
        case .addBlockAckRequest(let request): request.parameters.tid
        case .addBlockAckResponse(let response): response.parameters.tid
        case .deleteBlockAck(let delete): delete.tid
        case .publicAction, .vendorSpecific, .protectedVendorSpecific, .other: nil
        }
    }
}

extension [UInt8] {
    /// Appends a key with its address, if there is one.
    fileprivate mutating func append(_ key: StaticString, _ address: MACAddress?) {
        guard let address else { return }
        append(key)
        append("\"")
        append(text: address)
        append("\"")
    }
}
