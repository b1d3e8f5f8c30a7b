import IEEE80211

/// The keys of a key file. A line is empty, or a comment that begins with `#`, or a key:
///
///     <32 octets in Base64>                       for every peer that has no line of its own
///     02:52:4c:00:00:0b <32 octets in Base64>     for the peer with this MLD address
public struct KeyFile: Equatable, Sendable {
    /// The key for peers that have none of their own.
    public private(set) var shared: PreSharedKey?
    private(set) var peers: [MACAddress: PreSharedKey] = [:]

    /// A file with one key, for all peers; or with none yet.
    public init(shared: PreSharedKey? = nil) {
        self.shared = shared
    }

    /// Gives a peer a key; or with `nil`, all that have none of their own.
    ///
    /// - Returns: whether there was none before.
    @discardableResult public mutating func set(_ key: PreSharedKey, for peer: MACAddress?) -> Bool {
        guard let peer else {
            defer { shared = key }
            return shared == nil
        }
        return peers.updateValue(key, forKey: peer) == nil
    }

    /// Reads the text of a key file.
    public init(parsing text: String) throws(KeyFileError) {
        var line = 0
        for raw in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            line += 1
            let fields = raw.split(whereSeparator: \.isWhitespace)
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            do {
                try add(fields)
            } catch {
                throw KeyFileError(line: line, reason: error)
            }
        }
        if shared == nil, peers.isEmpty { throw KeyFileError(line: line, reason: .noKey) }
    }

    /// The key to use with a peer; `nil` when the file has none for it.
    public func key(for peer: MACAddress) -> PreSharedKey? { peers[peer] ?? shared }

    /// The keys, each with the peer that it is for (`nil`: all others), the peers in the order of their addresses.
    public var entries: [(peer: MACAddress?, key: PreSharedKey)] {
        let own = peers.sorted { $0.key < $1.key }.map { (peer: MACAddress?.some($0.key), key: $0.value) }
        return own + (shared.map { [(peer: nil, key: $0)] } ?? [])
    }

    /// The text of a file with one key for all peers, as `relink key generate` writes it.
    public static func text(sharing key: PreSharedKey) -> String {
        """
        # A key of relink. Every device that has it can join, read and forge: copy it only where it is needed.
        # Fingerprint: \(key.fingerprint)
        \(Base64.encode(key.octets))

        """
    }

    private mutating func add(_ fields: [Substring]) throws(KeyFileError.Reason) {
        guard fields.count <= 2, let text = fields.last else { throw .tooManyFields }
        guard fields.count == 2 else {
            let key = try Self.key(text)
            guard set(key, for: nil) else { throw .secondSharedKey }
            return
        }
        guard let peer = MACAddress(String(fields[0])), !peer.isGroup else { throw .notAnAddress }
        let key = try Self.key(text)
        guard set(key, for: peer) else { throw .secondKey(of: peer) }
    }

    private static func key(_ text: Substring) throws(KeyFileError.Reason) -> PreSharedKey {
        guard let octets = Base64.decode(text) else { throw .notBase64 }
        guard octets.count == PreSharedKey.length else { throw .wrongLength(octets.count) }
        guard let key = PreSharedKey(octets: octets) else { throw .notRandom }
        return key
    }
}

/// Why a key file can't be used. It never quotes the file.
public struct KeyFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Error, Equatable, Sendable {
        /// No line has a key.
        case noKey
        /// More than an address and a key.
        case tooManyFields
        /// The first of two fields is not the MAC address of a device.
        case notAnAddress
        /// The key is not Base64.
        case notBase64
        /// The key has another number of octets than 32.
        case wrongLength(Int)
        /// All octets of the key are the same.
        case notRandom
        /// A second key for all peers.
        case secondSharedKey
        /// A second key for one peer.
        case secondKey(of: MACAddress)
    }

    /// The line, from 1 on; the last one when a line is missing.
    public var line: Int
    /// What is wrong there.
    public var reason: Reason

    /// For people: the line, what is wrong, and what would be right.
    public var description: String { "line \(line): \(explanation)" }

    private var explanation: String {
        switch reason {
        case .noKey: "there is no key in the file; `relink key generate` writes one"
        case .tooManyFields: "a line is a key, or an MLD address and a key"
        case .notAnAddress: "what stands before the key is not a device's MAC address, like 02:52:4c:00:00:0b"
        case .notBase64: "the key is not Base64 (44 characters, the last one `=`)"
        case .wrongLength(let count): "the key has \(count) octets, not \(PreSharedKey.length)"
        case .notRandom: "all octets of the key are the same; `relink key generate` draws one"
        case .secondSharedKey: "a second key for all peers; one is allowed"
        case .secondKey(let peer): "a second key for \(peer); one is allowed"
        }
    }
}
