import Crypto
import IEEE80211

/// Reads protected frames that others sent to each other, with keys that somebody logged. It keeps no replay windows: whatever
/// was captured is read, also twice.
public final class FrameKeyRing {
    /// What a frame turned out to be.
    public enum Verdict: Equatable, Sendable {
        /// It is what its sender sent.
        case verified
        /// A key is there, but the tag is not the frame's: it was damaged, or forged.
        case tagWrong
        /// The capture did not keep the tag.
        case cut
        /// No key is there for it.
        case noKey
    }

    private struct Key {
        let logged: LoggedKey
        let receiving: ReceivingKey
        /// For reading without a tag: decrypting is encrypting once more.
        let sending: SendingKey
    }

    private let keys: [Key]
    /// Which key was the last one for frames of a radio to a radio, by kind and key ID; looked up only.
    private var last: [Path: Int] = [:]

    private struct Path: Hashable {
        var kind: TrafficKind
        var receiver: MACAddress
        var transmitter: MACAddress
        var identifier: UInt8
    }

    /// Takes keys; later ones are tried first.
    public init(_ keys: [LoggedKey]) throws(ProtectionError) {
        var all: [Key] = []
        for logged in keys.reversed() {
            let key = SymmetricKey(data: logged.octets)
            all.append(Key(logged: logged, receiving: try ReceivingKey(key), sending: try SendingKey(key)))
        }
        self.keys = all
    }

    // MARK: Data frames

    /// Decrypts an encrypted data frame (without FCS).
    ///
    /// - Parameters:
    ///   - isCut: whether the capture kept only the start of it.
    ///   - isPlausible: whether a content could be one. Asked where no tag tells.
    /// - Returns: the verdict, and the content as far as it is there; `nil` when it can't be told.
    public func open(
        _ mpdu: [UInt8], isCut: Bool, isPlausible: ([UInt8]) -> Bool
    ) -> (verdict: Verdict, content: [UInt8]?) {
        let offset = PeerSecurity.contentOffset
        guard mpdu.count >= offset, let path = path(mpdu, .data, header: offset - ProtectionHeader.length) else {
            return (isCut ? .cut : .noKey, nil)
        }
        let candidates = candidates(path)
        if !isCut, mpdu.count >= offset + PeerSecurity.tagLength {
            for index in candidates {
                guard let content = content(of: mpdu, with: keys[index], isVerified: true) else { continue }
                last[path] = index
                return (.verified, content)
            }
        }
        let rest = isCut ? [UInt8](repeating: 0, count: PeerSecurity.tagLength) : []
        for index in candidates {
            guard let content = content(of: mpdu + rest, with: keys[index], isVerified: false), isPlausible(content)
            else { continue }
            return (isCut ? .cut : .tagWrong, content)
        }
        return (last[path] != nil ? (isCut ? .cut : .tagWrong) : .noKey, nil)
    }

    private func content(of mpdu: [UInt8], with key: Key, isVerified: Bool) -> [UInt8]? {
        var frame = mpdu
        let isGood = frame.withUnsafeMutableBytes { frame -> Bool in
            let place = PeerSecurity.contentOffset - ProtectionHeader.length..<PeerSecurity.contentOffset
            guard frame.count >= PeerSecurity.contentOffset + PeerSecurity.tagLength,
                let header = ProtectionHeader(reading: UnsafeRawBufferPointer(frame)[place])
            else { return false }
            return
                (try? withScratch { (scratch) throws(ProtectionError) in
                    let parts = DataParts(
                        header, from: key.logged.sender, to: key.logged.receiver, frame: frame, scratch: scratch)
                    if isVerified {
                        try key.receiving.open(
                            nonce: parts.nonce, first: parts.additional, second: nothing, text: parts.text,
                            tag: UnsafeRawBufferPointer(parts.tag))
                    } else {
                        try key.sending.seal(
                            nonce: parts.nonce, first: parts.additional, second: nothing, text: parts.text,
                            tag: parts.tag)
                    }
                }) != nil
        }
        return isGood ? Array(frame[PeerSecurity.contentOffset...].dropLast(PeerSecurity.tagLength)) : nil
    }

    // MARK: Action frames

    /// Checks an action frame (without FCS) whose last octets are GCMP header and tag.
    public func verify(_ mpdu: [UInt8]) -> Verdict {
        let start = mpdu.count - PeerSecurity.actionProtectionLength
        guard start >= ActionParts.headerLength, let path = path(mpdu, .action, header: start) else { return .noKey }
        let candidates = candidates(path)
        for index in candidates where isAuthentic(mpdu, header: start, with: keys[index]) {
            last[path] = index
            return .verified
        }
        return last[path] != nil ? .tagWrong : .noKey
    }

    private func isAuthentic(_ mpdu: [UInt8], header start: Int, with key: Key) -> Bool {
        mpdu.withUnsafeBytes { frame in
            guard let header = ProtectionHeader(reading: frame[start..<start + ProtectionHeader.length]) else {
                return false
            }
            return
                (try? withScratch { (scratch) throws(ProtectionError) in
                    let parts = ActionParts(header, from: key.logged.sender, frame: frame, scratch: scratch)
                    try key.receiving.open(
                        nonce: parts.nonce, first: parts.head, second: parts.body,
                        text: UnsafeMutableRawBufferPointer(start: nil, count: 0),
                        tag: UnsafeRawBufferPointer(rebasing: frame.suffix(PeerSecurity.tagLength)))
                }) != nil
        }
    }

    // MARK: Keys

    /// Whose frame it is, and the key ID that it names at an offset.
    private func path(_ mpdu: [UInt8], _ kind: TrafficKind, header: Int) -> Path? {
        mpdu.withUnsafeBytes { frame in
            guard let header = ProtectionHeader(reading: frame[header..<header + ProtectionHeader.length]),
                let parsed = try? MACHeader(parsing: mpdu.span), let transmitter = parsed.address2
            else { return nil }
            return Path(
                kind: kind, receiver: parsed.address1, transmitter: transmitter, identifier: header.keyIdentifier)
        }
    }

    /// The keys that may be the right one, the likeliest first.
    private func candidates(_ path: Path) -> [Int] {
        let all = keys.indices.filter {
            keys[$0].logged.kind == path.kind && keys[$0].logged.identifier == path.identifier
        }
        guard let known = last[path] else { return all }
        return [known] + all.filter { $0 != known }
    }
}
