import Crypto
import IEEE80211

/// A key of frames, as a key log has it: whoever has it reads, and could forge, what one device sends to another one until they
/// have new keys. Agents keep none unless they are told to.
public struct LoggedKey: Equatable, Sendable {
    /// What the key is for.
    public var kind: TrafficKind
    /// The MLD address of the device that sends with it.
    public var sender: MACAddress
    /// The MLD address of the device that it sends to.
    public var receiver: MACAddress
    /// The key ID that its frames name, 0 or 1.
    public var identifier: UInt8
    /// 16 or 32 octets.
    public var octets: [UInt8]

    /// Makes one.
    public init(kind: TrafficKind, sender: MACAddress, receiver: MACAddress, identifier: UInt8, octets: [UInt8]) {
        self.kind = kind
        self.sender = sender
        self.receiver = receiver
        self.identifier = identifier
        self.octets = octets
    }

    /// Its line in a key log: kind, sender, receiver, key ID, and the key in hexadecimal digits.
    public var line: String {
        let digits = octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "\(kind.rawValue) \(sender) \(receiver) \(identifier) \(digits)"
    }

    /// Reads a line; `nil` when it is none.
    public init?(line: some StringProtocol) {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count == 5, let kind = TrafficKind(rawValue: String(fields[0])),
            let sender = MACAddress(String(fields[1])), let receiver = MACAddress(String(fields[2])),
            let identifier = UInt8(fields[3]), identifier < 2, let octets = Self.octets(of: fields[4]),
            octets.count == 16 || octets.count == 32
        else { return nil }
        self.init(kind: kind, sender: sender, receiver: receiver, identifier: identifier, octets: octets)
    }

    private static func octets(of digits: some StringProtocol) -> [UInt8]? {
        let digits = Array(digits.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var octets: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard digits[index] != UInt8(ascii: "+"), digits[index] != UInt8(ascii: "-"),
                let octet = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16)
            else { return nil }
            octets.append(octet)
        }
        return octets
    }
}

/// The text of a key log: a line for each key; empty lines, and lines that begin with `#`, say nothing.
public enum KeyLog {
    /// How a file begins.
    public static let head = """
        # Keys of relink's frames. Whoever has this file reads all that was said under them, and needs nothing else:
        # delete it when it has served. Kind, sender, receiver (MLD addresses), key ID, key:

        """

    /// A line that is no key.
    public struct Fault: Error, Equatable, Sendable {
        /// From 1 on.
        public var line: Int

        /// Makes one.
        public init(line: Int) { self.line = line }
    }

    /// Reads the text of a key log.
    public static func keys(in text: String) throws(Fault) -> [LoggedKey] {
        var keys: [LoggedKey] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.drop(while: \.isWhitespace)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let key = LoggedKey(line: line) else { throw Fault(line: index + 1) }
            keys.append(key)
        }
        return keys
    }
}

extension KeyGeneration {
    /// The keys that it is made of.
    static func logged(
        identifier: UInt8, split: NoiseSplit, isInitiator: Bool, local: MACAddress, peer: MACAddress,
        cipher: DataCipher
    ) -> [LoggedKey] {
        let (initiator, responder) = isInitiator ? (local, peer) : (peer, local)
        return [TrafficKind.data, .action].flatMap { kind in
            [(split.initiatorToResponder, initiator, responder), (split.responderToInitiator, responder, initiator)].map
            {
                direction, sender, receiver in
                let key = derive(kind, from: direction, handshakeHash: split.handshakeHash, cipher: cipher)
                return LoggedKey(
                    kind: kind, sender: sender, receiver: receiver, identifier: identifier,
                    octets: key.withUnsafeBytes { [UInt8]($0) })
            }
        }
    }
}
