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
        "\(kind.rawValue) \(sender) \(receiver) \(identifier) \(Hexadecimal.digits(of: octets))"
    }

    /// Reads a line; `nil` when it is none.
    public init?(line: some StringProtocol) {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count == 5, let kind = TrafficKind(rawValue: String(fields[0])),
            let sender = MACAddress(String(fields[1])), let receiver = MACAddress(String(fields[2])),
            let identifier = UInt8(fields[3]), identifier < 2, let octets = Hexadecimal.octets(of: fields[4]),
            octets.count == 16 || octets.count == 32
        else { return nil }
        self.init(kind: kind, sender: sender, receiver: receiver, identifier: identifier, octets: octets)
    }
}

/// The text of a key log: a line for each key of frames, and where the log is of a recording, what that is replayed with; empty
/// lines, and lines that begin with `#`, say nothing.
public struct KeyLog: Equatable, Sendable {
    /// The keys of frames.
    public private(set) var keys: [LoggedKey] = []
    /// The secrets of recordings: one, or several when somebody put logs together.
    public private(set) var secrets: [ReplaySecrets] = []

    /// How a file begins.
    public static let head = """
        # Keys of relink's frames. Whoever has this file reads all that was said under them, and needs nothing else:
        # delete it when it has served. Kind, sender, receiver (MLD addresses), key ID, key:

        """

    /// A line that is nothing of all that.
    public struct Fault: Error, Equatable, Sendable {
        /// From 1 on.
        public var line: Int

        /// Makes one.
        public init(line: Int) { self.line = line }
    }

    /// Reads the text of a key log.
    public init(parsing text: String) throws(Fault) {
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.drop(while: \.isWhitespace)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard add(line) else { throw Fault(line: index + 1) }
        }
    }

    private mutating func add(_ line: Substring) -> Bool {
        if let key = LoggedKey(line: line) {
            keys.append(key)
        } else if let begun = ReplaySecrets(line: line) {
            secrets.append(begun)
        } else {
            // Keys of peers belong to the secrets before them.
            return secrets.indices.last.map { secrets[$0].add(line: line) } ?? false
        }
        return true
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
