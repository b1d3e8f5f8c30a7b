import IEEE80211
import SessionCore

@testable import LinkSecurity

/// Two devices with one key, and the randomness that their agents would hand them. A is the one with the lower MLD address.
struct SecuredPair {
    static let addressA = MACAddress(rawValue: 0x0252_4c00_000a)
    static let addressB = MACAddress(rawValue: 0x0252_4c00_000b)
    static let capabilitiesA: [UInt8] = [0x01, 0xaa]
    static let capabilitiesB: [UInt8] = [0x03]

    var a: PeerSecurity
    var b: PeerSecurity
    var random: SeededRandom
    var settings: PeerSecurity.Settings
    let cookiesA: CookieSecrets
    let cookiesB: CookieSecrets

    struct Unusable: Error {}

    init(seed: UInt64 = 1, settings: PeerSecurity.Settings = .init()) throws {
        random = SeededRandom(seed: seed)
        self.settings = settings
        cookiesA = try Self.secrets(&random)
        cookiesB = try Self.secrets(&random)
        a = try Self.device(local: Self.addressA, peer: Self.addressB, settings: settings)
        b = try Self.device(local: Self.addressB, peer: Self.addressA, settings: settings)
    }

    static func key(_ octet: UInt8 = 0x42) throws -> PreSharedKey {
        guard let key = PreSharedKey(octets: (0..<32).map { $0 ^ octet }) else { throw Unusable() }
        return key
    }

    static func device(
        local: MACAddress, peer: MACAddress, key: UInt8 = 0x42, capabilities: [UInt8]? = nil,
        settings: PeerSecurity.Settings = .init()
    ) throws -> PeerSecurity {
        try PeerSecurity(
            local: local, peer: peer, key: try Self.key(key),
            capabilities: capabilities ?? (local == addressA ? capabilitiesA : capabilitiesB), settings: settings)
    }

    static func secrets(_ random: inout SeededRandom) throws -> CookieSecrets {
        guard let secrets = CookieSecrets(current: (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
        else { throw Unusable() }
        return secrets
    }

    /// A pair of chosen octets.
    static func ephemeral(_ octets: [UInt8]) throws(HandshakeError) -> Ephemeral {
        guard let ephemeral = Ephemeral(octets: octets) else { throw .failed }
        return ephemeral
    }

    private mutating func octets() -> [UInt8] { (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) } }

    mutating func ephemeral() throws -> Ephemeral { try Self.ephemeral(octets()) }

    // MARK: Messages

    mutating func beginA() throws -> [UInt8] { try a.begin(ephemeral: try ephemeral()) }
    mutating func beginB() throws -> [UInt8] { try b.begin(ephemeral: try ephemeral()) }

    mutating func toA(_ message: [UInt8], isUnderLoad: Bool = false) throws -> HandshakeReaction {
        let octets = octets()
        return try a.receive(
            message, ephemeral: { () throws(HandshakeError) in try Self.ephemeral(octets) }, cookies: cookiesA,
            isUnderLoad: isUnderLoad)
    }

    mutating func toB(_ message: [UInt8], isUnderLoad: Bool = false) throws -> HandshakeReaction {
        let octets = octets()
        return try b.receive(
            message, ephemeral: { () throws(HandshakeError) in try Self.ephemeral(octets) }, cookies: cookiesB,
            isUnderLoad: isUnderLoad)
    }

    /// A asks B until there are keys at A.
    mutating func handshakeFromA() throws {
        var message = try beginA()
        for _ in 0..<2 {
            guard case .answer(let answer) = try toB(message) else { throw Unusable() }
            switch try toA(answer) {
            case .established: return
            case .askAgain(let next): message = next
            default: throw Unusable()
            }
        }
        throw Unusable()
    }

    /// A asks B, a frame of A confirms the keys, and A hears B under them.
    mutating func establish() throws {
        try handshakeFromA()
        _ = try verify(at: \.b, Frames.action(sealedBy: &a))
        _ = try verify(at: \.a, Frames.action(sealedBy: &b))
    }

    // MARK: Frames

    mutating func verify(
        at device: WritableKeyPath<SecuredPair, PeerSecurity>, _ frame: [UInt8]
    ) throws -> AuthenticFrame {
        try self[keyPath: device].verify(frame.span.bytes)
    }

    mutating func open(
        at device: WritableKeyPath<SecuredPair, PeerSecurity>, _ frame: [UInt8]
    ) throws -> (frame: [UInt8], AuthenticFrame) {
        var frame = frame
        let result = try Frames.inPlace(&frame) { (octets) throws(ProtectionError) in
            try self[keyPath: device].open(&octets)
        }
        return (frame, result)
    }

    /// A data frame of one device arrives whole at the other.
    mutating func carries(
        from sender: WritableKeyPath<SecuredPair, PeerSecurity>, to receiver: WritableKeyPath<SecuredPair, PeerSecurity>
    ) throws -> Bool {
        let text: [UInt8] = [1, 2, 3, 4, 5]
        let sealed = try Frames.data(text, sealedBy: &self[keyPath: sender])
        let (opened, result) = try open(at: receiver, sealed)
        return Array(opened[result.content]) == text
    }
}

/// Frames to protect.
enum Frames {
    static let linkA = MACAddress(rawValue: 0x0252_4c00_010a)
    static let linkB = MACAddress(rawValue: 0x0252_4c00_010b)

    static func inPlace<Result, Failure: Error>(
        _ frame: inout [UInt8], _ body: (inout MutableRawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var span = frame.mutableSpan
        var octets = span.mutableBytes
        return try body(&octets)
    }

    /// A QoS Data frame with room for the protection.
    static func plainData(_ text: [UInt8], receiver: MACAddress = linkB, transmitter: MACAddress = linkA) -> [UInt8] {
        let room = [UInt8](repeating: 0, count: 8) + text + [UInt8](repeating: 0, count: 16)
        return QoSDataFrame(receiver: receiver, transmitter: transmitter, tid: 5, body: room).serialized()
    }

    static func data(_ text: [UInt8], sealedBy device: inout PeerSecurity) throws(ProtectionError) -> [UInt8] {
        var frame = plainData(text)
        try inPlace(&frame) { (octets) throws(ProtectionError) in try device.seal(&octets) }
        return frame
    }

    /// An Action frame: category 127, some content, and room for the protection.
    static func plainAction(_ content: [UInt8] = [9, 8, 7]) -> [UInt8] {
        var octets: [UInt8] = [0xd0, 0, 0, 0]
        for address in [linkB, linkA, MACAddress.broadcast] { octets.append(address) }
        return octets + [0x30, 0x12, 127] + content + [UInt8](repeating: 0, count: PeerSecurity.actionProtectionLength)
    }

    static func action(_ content: [UInt8] = [9, 8, 7], sealedBy device: inout PeerSecurity) throws(ProtectionError)
        -> [UInt8]
    {
        var frame = plainAction(content)
        try inPlace(&frame) { (octets) throws(ProtectionError) in try device.authenticate(&octets) }
        return frame
    }
}
