import IEEE80211

/// The keys shared with one peer: the handshakes that lead to them, and the frames that they protect. A value without clock,
/// randomness, input or output.
///
/// A handshake takes two messages, and a protected frame that confirms it:
///
///     initiator                                    responder
///         │ request: e, cookie or none, capabilities   │
///         │ ─────────────────────────────────────────► │  next = new keys, not confirmed; current stays
///         │        response: e, key ID, capabilities   │
///         │ ◄───────────────────────────────────────── │
///     current = new keys                               │
///         │ any frame protected with them              │
///         │ ─────────────────────────────────────────► │  confirmed: current = new keys
///
/// A responder that is under load, or has keys with the peer or a request of its own under way, answers a request without a
/// good cookie with a cookie, and remembers nothing; the initiator asks again with the cookie inside the encrypted part. A
/// request that somebody recorded and repeats has none, so it can't take the place of anything.
///
/// Each handshake gives a generation of keys with a key ID, 0 or 1: the other than that of the responder's current keys. It takes
/// the place of what had this ID before. Frames of both generations are understood, so nothing is lost while keys change.
/// docs/security.md has the arguments.
public struct PeerSecurity {
    /// What the user can set; the same at both ends where it says so.
    public struct Settings: Equatable, Sendable {
        /// How data frames are encrypted; the same at both ends.
        public var cipher = DataCipher.gcmp128
        /// By how much packets may come out of order, in packets; at least 1024, rounded up to a multiple of 64.
        public var replayWindow = 4096 { didSet { replayWindow = max(1024, replayWindow) } }
        /// After how many packets of one kind new keys are wanted. 2^26 packets of 1,500 octets stay below the limit that RFC 8446, 5.5,
        /// sets for AES-GCM, and far from the 2^48 where packet numbers end.
        public var packetsUntilRekey: UInt64 = 1 << 26

        /// The defaults.
        public init() {}
    }

    /// The most octets of capabilities.
    public static let greatestCapabilitiesLength = 255

    /// This device's MLD address.
    public let local: MACAddress
    /// The peer's MLD address.
    public let peer: MACAddress
    let key: PreSharedKey
    /// Reads the peer's requests. Made once, so that one that somebody forged costs as little as it can.
    let responder: NoiseResponder
    let capabilities: [UInt8]
    let settings: Settings

    /// A request of this device that waits for its answer.
    struct Request {
        var message: [UInt8]
        var noise: NoiseAwaitingResponse
    }
    /// A request of the peer that was accepted, and the answer, to be given again to the same request until it is confirmed.
    struct Answer {
        var request: [UInt8]
        var response: [UInt8]
    }

    var request: Request?
    var answer: Answer?
    /// How many requests of the peer were accepted.
    var accepted: UInt64 = 0
    /// The keys by key ID.
    var generations: [KeyGeneration?] = [nil, nil]
    /// The key ID that this device sends with.
    var current: Int?
    /// The keys that came since somebody took them; `nil` unless they are to be logged.
    var keyLog: [LoggedKey]?

    /// Makes the state before the first handshake.
    ///
    /// - Parameters:
    ///   - local: this device's MLD address.
    ///   - peer: the peer's MLD address.
    ///   - key: the key that both have.
    ///   - capabilities: what the peer is to know of this device for certain, such as that it supports rebuild; at most
    ///     `greatestCapabilitiesLength` octets. They travel encrypted, and keys depend on them.
    public init(
        local: MACAddress, peer: MACAddress, key: PreSharedKey, capabilities: [UInt8], settings: Settings = Settings()
    ) throws(HandshakeError) {
        guard capabilities.count <= Self.greatestCapabilitiesLength else { throw .capabilitiesTooLong }
        self.local = local
        self.peer = peer
        self.key = key
        self.capabilities = capabilities
        self.settings = settings
        let context = HandshakeContext(initiator: peer, responder: local, cipher: settings.cipher)
        responder = NoiseResponder(key: key, prologue: context.prologue)
    }

    /// Whether frames can be protected.
    public var hasKeys: Bool { current != nil }

    /// Whether the peer was heard under the current keys.
    public var isHeard: Bool { currentGeneration?.isHeard ?? false }

    /// The fingerprint of the key that both have; see `PreSharedKey.fingerprint`.
    public var fingerprint: String { key.fingerprint }

    /// The numbers of the last packets under the current keys: data and action frames; `nil` without keys.
    public var packetNumbers: (data: UInt64, action: UInt64)? {
        currentGeneration.map { ($0.sendingData.lastNumber, $0.sendingAction.lastNumber) }
    }

    /// What the peer said of itself in the handshake that led to the current keys.
    public var peerCapabilities: [UInt8]? { currentGeneration?.peerCapabilities }

    /// Whether a handshake is due: there are no keys, or so many packets went out that new ones are better. Old age is for the
    /// caller to tell, who has a clock.
    public var wantsHandshake: Bool {
        guard let currentGeneration else { return true }
        return currentGeneration.isHeard && currentGeneration.packetsSent >= settings.packetsUntilRekey
    }

    /// Erases the keys before the current ones, so that nobody can take them from this device any more; not before the peer has
    /// been heard under the current ones. To be called when no frame under the old ones is on its way any more, a few seconds
    /// after keys changed.
    public mutating func eraseOldKeys() {
        guard let current, currentGeneration?.isHeard == true, generations[1 - current]?.isConfirmed == true else {
            return
        }
        generations[1 - current] = nil
    }

    /// Keeps the keys of all handshakes from now on for whoever takes them. For tests and for finding faults: it undoes forward
    /// secrecy.
    public mutating func beginKeyLog() { keyLog = [] }

    /// Takes the keys that came since the last time.
    public mutating func takeLoggedKeys() -> [LoggedKey] {
        guard let keys = keyLog, !keys.isEmpty else { return [] }
        keyLog = []
        return keys
    }

    var currentGeneration: KeyGeneration? { current.flatMap { generations[$0] } }
}
