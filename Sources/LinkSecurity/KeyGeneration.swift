import Crypto

/// How data frames are encrypted, by the numbers of 802.11's cipher suites 00-0F-AC (IEEE Std 802.11-2020, Table 9-149). Both
/// ends must be set to the same.
public enum DataCipher: UInt8, Sendable, CaseIterable {
    /// GCMP with a key of 128 bits.
    case gcmp128 = 8
    /// GCMP with a key of 256 bits.
    case gcmp256 = 9

    var keyLength: Int { self == .gcmp128 ? 16 : 32 }
}

/// The two kinds of traffic. Each has its own key in each direction, and so its own packet numbers.
public enum TrafficKind: String, Sendable {
    /// Data frames, encrypted.
    case data
    /// Action frames, authenticated only.
    case action
}

/// The keys and replay windows that one handshake led to.
struct KeyGeneration {
    /// The key ID, 0 or 1, which tells the generations apart on the air.
    let identifier: UInt8
    /// Whether there is nothing to wait for: the peer has proved that it has the keys, or newer ones took their place.
    var isConfirmed: Bool
    /// Whether an authentic frame came under them. Until then the peer may still send under the ones before.
    var isHeard = false
    /// What the peer said of itself in the handshake.
    let peerCapabilities: [UInt8]
    let sendingData: SendingKey
    let sendingAction: SendingKey
    var receivingData: Reception
    var receivingAction: Reception

    /// A key of the peer, and what came under it.
    struct Reception {
        let key: ReceivingKey
        var window: ReplayWindow

        /// Decrypts and checks in place, unless the packet number was seen before.
        mutating func open(
            number: UInt64, nonce: UnsafeRawBufferPointer, first: UnsafeRawBufferPointer,
            second: UnsafeRawBufferPointer, text: UnsafeMutableRawBufferPointer, tag: UnsafeRawBufferPointer
        ) throws(ProtectionError) {
            switch window.verdict(number) {
            case .new: break
            case .repeated: throw .repeated
            case .tooOld: throw .tooOld
            }
            try key.open(nonce: nonce, first: first, second: second, text: text, tag: tag)
            window.record(number)
        }
    }

    /// - Parameter isInitiator: whether this device began the handshake.
    init(
        identifier: UInt8, split: NoiseSplit, isInitiator: Bool, peerCapabilities: [UInt8],
        settings: PeerSecurity.Settings
    ) throws(ProtectionError) {
        self.identifier = identifier
        isConfirmed = isInitiator
        self.peerCapabilities = peerCapabilities
        let sending = isInitiator ? split.initiatorToResponder : split.responderToInitiator
        let receiving = isInitiator ? split.responderToInitiator : split.initiatorToResponder
        func key(_ kind: TrafficKind, _ direction: SymmetricKey) -> SymmetricKey {
            Self.derive(kind, from: direction, handshakeHash: split.handshakeHash, cipher: settings.cipher)
        }
        let window = ReplayWindow(size: settings.replayWindow)
        sendingData = try SendingKey(key(.data, sending))
        sendingAction = try SendingKey(key(.action, sending))
        receivingData = Reception(key: try ReceivingKey(key(.data, receiving)), window: window)
        receivingAction = Reception(key: try ReceivingKey(key(.action, receiving)), window: window)
    }

    /// HKDF-Expand (RFC 5869, 2.3) of a direction's key from the handshake, with the kind of traffic and the handshake's hash as
    /// info: so the keys depend on all that was said, addresses, version and capabilities included.
    static func derive(
        _ kind: TrafficKind, from direction: SymmetricKey, handshakeHash: [UInt8], cipher: DataCipher
    ) -> SymmetricKey {
        HKDF<SHA256>.expand(
            pseudoRandomKey: direction, info: Array("relink \(kind.rawValue)".utf8) + handshakeHash,
            outputByteCount: cipher.keyLength)
    }

    /// The most packets that were sent under one of its keys.
    var packetsSent: UInt64 { max(sendingData.lastNumber, sendingAction.lastNumber) }
}
