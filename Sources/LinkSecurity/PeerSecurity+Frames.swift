import IEEE80211

/// A protected frame that proved authentic.
public struct AuthenticFrame: Equatable, Sendable {
    /// Where in the MPDU the protected content stands: what was encrypted, or the body of the action frame before its
    /// protection.
    public var content: Range<Int>
    /// Whether it is the first frame under new keys and so confirms the peer's handshake: its capabilities hold from now on.
    public var confirmsKeys: Bool
    /// Whether it came under the keys that are used now, and not under those before, which are understood for a while.
    public var isCurrent: Bool
}

/// QoS Data frames, encrypted: MAC header (26 octets), GCMP header (8), content, MIC (16).
extension PeerSecurity {
    /// The octets before the content: MAC header with QoS Control, and GCMP header.
    public static let contentOffset = 26 + ProtectionHeader.length
    /// The octets behind the content: the MIC.
    public static let tagLength = 16

    /// Encrypts an MPDU (without FCS) in place. The caller has left room for GCMP header and MIC. Allocates nothing.
    public mutating func seal(_ mpdu: inout MutableRawSpan) throws(ProtectionError) {
        guard let current, let key = generations[current]?.sendingData else { throw .noKeys }
        try mpdu.withUnsafeMutableBytes { (frame) throws(ProtectionError) in
            guard isPlainQoSData(UnsafeRawBufferPointer(frame)) else { throw .unsuitableFrame }
            let header = ProtectionHeader(packetNumber: try key.nextNumber(), keyIdentifier: UInt8(current))
            header.write(to: frame[(Self.contentOffset - ProtectionHeader.length)..<Self.contentOffset])
            frame[1] |= FrameFlags.protectedFrame.rawValue
            try withScratch { (scratch) throws(ProtectionError) in
                let parts = DataParts(header, from: local, to: peer, frame: frame, scratch: scratch)
                try key.seal(
                    nonce: parts.nonce, first: parts.additional, second: nothing, text: parts.text, tag: parts.tag)
            }
        }
    }

    /// Decrypts an MPDU (without FCS) in place. If it does not prove authentic, its content becomes zeros. Allocates nothing.
    public mutating func open(_ mpdu: inout MutableRawSpan) throws(ProtectionError) -> AuthenticFrame {
        let identifier = try mpdu.withUnsafeMutableBytes { (frame) throws(ProtectionError) in
            guard isPlainQoSData(UnsafeRawBufferPointer(frame)), frame[1] & FrameFlags.protectedFrame.rawValue != 0,
                let header = ProtectionHeader(
                    reading: UnsafeRawBufferPointer(frame)[
                        (Self.contentOffset - ProtectionHeader.length)..<Self.contentOffset])
            else { throw .unsuitableFrame }
            let identifier = try index(header)
            try withScratch { (scratch) throws(ProtectionError) in
                let parts = DataParts(header, from: peer, to: local, frame: frame, scratch: scratch)
                try generations[identifier]?.receivingData.open(
                    number: header.packetNumber, nonce: parts.nonce, first: parts.additional, second: nothing,
                    text: parts.text, tag: UnsafeRawBufferPointer(parts.tag))
            }
            return identifier
        }
        return proof(identifier, content: Self.contentOffset..<(mpdu.byteCount - Self.tagLength))
    }

    /// Whether an MPDU is long enough for, and is, a QoS Data frame with three addresses and without HT Control.
    private func isPlainQoSData(_ frame: UnsafeRawBufferPointer) -> Bool {
        frame.count >= Self.contentOffset + Self.tagLength && frame[0] == 0x88 && frame[1] & 0x80 == 0
            && frame[1] & 0x03 != 0x03
    }
}

/// Action frames, authenticated only: MAC header (24 octets), content in the clear, GCMP header (8), tag (16). The agent puts
/// the last 24 octets into an element of their own at the end.
extension PeerSecurity {
    /// The octets at the end of an authenticated action frame: GCMP header and tag.
    public static let actionProtectionLength = ProtectionHeader.length + tagLength

    /// Fills in the last 24 octets of an MPDU (without FCS). Allocates nothing.
    public mutating func authenticate(_ mpdu: inout MutableRawSpan) throws(ProtectionError) {
        guard let current, let key = generations[current]?.sendingAction else { throw .noKeys }
        try mpdu.withUnsafeMutableBytes { (frame) throws(ProtectionError) in
            guard isPlainAction(UnsafeRawBufferPointer(frame)) else { throw .unsuitableFrame }
            let header = ProtectionHeader(packetNumber: try key.nextNumber(), keyIdentifier: UInt8(current))
            header.write(to: frame[headerPlace(frame.count)])
            try withScratch { (scratch) throws(ProtectionError) in
                let parts = ActionParts(header, from: local, frame: UnsafeRawBufferPointer(frame), scratch: scratch)
                try key.seal(
                    nonce: parts.nonce, first: parts.head, second: parts.body,
                    text: UnsafeMutableRawBufferPointer(start: nil, count: 0),
                    tag: UnsafeMutableRawBufferPointer(rebasing: frame.suffix(Self.tagLength)))
            }
        }
    }

    /// Checks an MPDU (without FCS). Allocates nothing.
    public mutating func verify(_ mpdu: RawSpan) throws(ProtectionError) -> AuthenticFrame {
        let identifier = try mpdu.withUnsafeBytes { (frame) throws(ProtectionError) in
            guard isPlainAction(frame), let header = ProtectionHeader(reading: frame[headerPlace(frame.count)])
            else { throw .unsuitableFrame }
            let identifier = try index(header)
            try withScratch { (scratch) throws(ProtectionError) in
                let parts = ActionParts(header, from: peer, frame: frame, scratch: scratch)
                try generations[identifier]?.receivingAction.open(
                    number: header.packetNumber, nonce: parts.nonce, first: parts.head, second: parts.body,
                    text: UnsafeMutableRawBufferPointer(start: nil, count: 0),
                    tag: UnsafeRawBufferPointer(rebasing: frame.suffix(Self.tagLength)))
            }
            return identifier
        }
        return proof(
            identifier, content: ActionParts.headerLength..<(mpdu.byteCount - Self.actionProtectionLength))
    }

    /// Where in an action frame of this length the GCMP header stands.
    private func headerPlace(_ length: Int) -> Range<Int> {
        (length - Self.actionProtectionLength)..<(length - Self.tagLength)
    }

    /// True of an MPDU that is long enough for, and is, an unencrypted Action or Action No Ack frame without HT Control. The subtype is
    /// authenticated, too.
    private func isPlainAction(_ frame: UnsafeRawBufferPointer) -> Bool {
        frame.count >= ActionParts.headerLength + Self.actionProtectionLength && (frame[0] == 0xd0 || frame[0] == 0xe0)
            && frame[1] & 0xc0 == 0
    }
}

extension PeerSecurity {
    /// The index of the generation that a frame was protected with.
    private func index(_ header: ProtectionHeader) throws(ProtectionError) -> Int {
        guard header.keyIdentifier < 2, generations[Int(header.keyIdentifier)] != nil else { throw .unknownKey }
        return Int(header.keyIdentifier)
    }

    /// What an authentic frame under the keys of a generation proves.
    private mutating func proof(_ identifier: Int, content: Range<Int>) -> AuthenticFrame {
        let confirmsKeys = confirm(identifier)
        return AuthenticFrame(content: content, confirmsKeys: confirmsKeys, isCurrent: identifier == current)
    }

    /// Takes an authentic frame for the peer's proof that it has the keys.
    private mutating func confirm(_ identifier: Int) -> Bool {
        generations[identifier]?.isHeard = true
        guard generations[identifier]?.isConfirmed == false else { return false }
        becomeCurrent(identifier)
        return true
    }
}
