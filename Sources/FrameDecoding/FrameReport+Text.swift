import CaptureFiles
import IEEE80211
import LinkSecurity

extension FrameReport {
    /// Appends the report as one line for people.
    ///
    /// - Parameter origin: nanoseconds since 1970 from which times are counted: those of the first record.
    public func appendText(to line: inout [UInt8], origin: UInt64?) {
        line.append(decimal: number)
        line.append("  ")
        appendTime(to: &line, origin: origin)
        if interface > 0 {
            line.append("  interface ")
            line.append(decimal: interface)
        }
        line.append("  ")
        if isDecoded {
            appendFrame(to: &line)
        } else {
            line.append("link type ")
            line.append(decimal: linkType.rawValue)
            line.append(" is not read here")
        }
        line.append("  (")
        line.append(decimal: length)
        line.append(" octets)\n")
    }

    /// Seconds and microseconds; a dash where the capture has no time.
    private func appendTime(to line: inout [UInt8], origin: UInt64?) {
        guard let timestamp, let origin else { return line.append("-") }
        if timestamp < origin { line.append("-") }
        let elapsed = (timestamp < origin ? origin - timestamp : timestamp - origin) / 1000
        line.append(decimal: elapsed / 1_000_000)
        line.append(".")
        var unit: UInt64 = 100_000
        while unit > 0 {
            line.append(UInt8(ascii: "0") + UInt8(elapsed / unit % 10))
            unit /= 10
        }
    }

    private func appendFrame(to line: inout [UInt8]) {
        if let header { Self.appendAddresses(header, to: &line) }
        appendContents(to: &line)
    }

    /// Appends what the frame is and says, without addresses, number, time and length.
    public func appendContents(to line: inout [UInt8]) {
        if let header {
            Self.append(header, to: &line)
            body.appendText(to: &line, header)
            if header.frameControl.retry { line.append(", retry") }
            appendProtection(to: &line)
        }
        if let radio { Self.append(radio, to: &line) }
        if fcs == .bad { line.append(", FCS wrong") }
        guard fault != nil else { return }
        line.append(
            header == nil ? (isCutByCapture ? "cut: " : "malformed: ") : isCutByCapture ? "; cut: " : "; malformed: ")
        appendFault(to: &line)
    }

    /// What the keys said, and the plaintext.
    private func appendProtection(to line: inout [UInt8]) {
        guard let protection else { return }
        line.append(", ")
        line.append(protection.name)
        guard case .decrypted(let content) = body else { return }
        line.append(": ")
        for octet in content.plaintext.prefix(Self.shownPlaintext) { line.append(hex: octet) }
        if content.plaintext.count > Self.shownPlaintext { line.append("…") }
    }

    /// Octets of a plaintext that a line shows.
    private static let shownPlaintext = 64

    /// Who to whom.
    private static func appendAddresses(_ header: MACHeader, to line: inout [UInt8]) {
        if let transmitter = header.transmitter {
            line.append(text: transmitter)
            line.append(" > ")
        }
        if let receiver = header.receiver {
            line.append(text: receiver)
            line.append("  ")
        }
    }

    /// The kind of frame.
    private static func append(_ header: MACHeader, to line: inout [UInt8]) {
        if header.carriedFrameControl != nil { line.append("Control Wrapper, ") }
        line.append(header.kind.name)
        if let sequence = header.sequenceControl {
            line.append(" ")
            line.append(decimal: sequence.sequence)
            if sequence.fragment > 0 || header.frameControl.moreFragments {
                line.append(".")
                line.append(decimal: sequence.fragment)
            }
        }
        if let qosControl = header.qosControl {
            line.append(", TID ")
            line.append(decimal: qosControl.tid)
            if qosControl.aMSDUPresent { line.append(", A-MSDU") }
        }
    }

    /// How it was received, or what became of one's own transmission.
    private static func append(_ radio: RadioHeader, to line: inout [UInt8]) {
        if let frequency = radio.frequency {
            line.append(", ")
            line.append(decimal: frequency)
            line.append(" MHz")
        }
        if let signal = radio.signal {
            line.append(", ")
            line.append(decimal: signal)
            line.append(" dBm")
        }
        if let flags = radio.transmitFlags {
            line.append(flags.contains(.failed) ? ", sent in vain" : ", sent")
        }
    }
}

extension FrameKeyRing.Verdict {
    /// A word or two for lines and JSON.
    var name: StaticString {
        switch self {
        case .verified: "verified"
        case .tagWrong: "tag wrong"
        case .cut: "tag cut off"
        case .noKey: "no key"
        }
    }
}
