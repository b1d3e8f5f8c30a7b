import Crypto
import IEEE80211
import LinkSecurity

// What protection costs, for one frame:
//     swift run -c release LinkSecurityProbe [octets [frames]]
// docs/security.md says what came out. With swift-crypto's public AES.GCM beside it, which expands the key and allocates each time.

struct Unusable: Error {}

func device(local: UInt64, peer: UInt64, cipher: DataCipher) throws -> PeerSecurity {
    guard let key = PreSharedKey(octets: (0..<32).map { $0 }) else { throw Unusable() }
    var settings = PeerSecurity.Settings()
    settings.cipher = cipher
    return try PeerSecurity(
        local: MACAddress(rawValue: local), peer: MACAddress(rawValue: peer), key: key, capabilities: [],
        settings: settings)
}

func ephemeral() throws(HandshakeError) -> Ephemeral {
    guard let ephemeral = Ephemeral(octets: (0..<32).map { _ in UInt8.random(in: 0...255) }) else { throw .failed }
    return ephemeral
}

func established(cipher: DataCipher) throws -> (PeerSecurity, PeerSecurity) {
    var (a, b) = (try device(local: 2, peer: 6, cipher: cipher), try device(local: 6, peer: 2, cipher: cipher))
    guard let cookies = CookieSecrets(current: [UInt8](repeating: 1, count: 32)) else { throw Unusable() }
    let request = try a.begin(ephemeral: try ephemeral())
    guard
        case .answer(let response) = try b.receive(
            request, ephemeral: ephemeral, cookies: cookies, isUnderLoad: false),
        try a.receive(response, ephemeral: ephemeral, cookies: cookies, isUnderLoad: false) == .established
    else { throw Unusable() }
    return (a, b)
}

func inPlace(_ frame: inout [UInt8], _ body: (inout MutableRawSpan) throws(ProtectionError) -> Void) throws {
    var span = frame.mutableSpan
    var octets = span.mutableBytes
    try body(&octets)
}

func measure(_ name: String, count: Int, _ body: () throws -> Void) rethrows {
    // Short pieces, of which the best was disturbed by nobody.
    let (clock, piece) = (ContinuousClock(), 100)
    var best = Duration.seconds(1_000_000)
    for _ in 0..<max(1, count / piece) {
        best = min(best, try clock.measure { for _ in 0..<piece { try body() } })
    }
    print("\(Int(best / .nanoseconds(1)) / piece) ns  \(name)")
}

func run() throws {
    let length = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1400
    let count = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 50_000
    let room = [UInt8](repeating: 0, count: length + 24)
    let plain = QoSDataFrame(
        receiver: MACAddress(rawValue: 6), transmitter: MACAddress(rawValue: 2), tid: 0, body: room
    ).serialized()
    print("\(length) octets, the best of pieces of 100 frames")

    for cipher in DataCipher.allCases {
        var (a, b) = try established(cipher: cipher)
        var frame = plain
        try measure("\(cipher): copy a plain frame and seal it", count: count) {
            frame.withUnsafeMutableBytes { $0.copyBytes(from: plain) }
            try inPlace(&frame) { octets throws(ProtectionError) in try a.seal(&octets) }
        }
        try measure("\(cipher): the same, and open it", count: count) {
            frame.withUnsafeMutableBytes { $0.copyBytes(from: plain) }
            try inPlace(&frame) { octets throws(ProtectionError) in
                try a.seal(&octets)
                _ = try b.open(&octets)
            }
        }
        let key = SymmetricKey(data: [UInt8](repeating: 1, count: cipher == .gcmp128 ? 16 : 32))
        let (nonce, additional) = ([UInt8](repeating: 3, count: 12), [UInt8](repeating: 2, count: 24))
        let text = Array(plain[34..<(34 + length)])
        try measure("\(cipher): swift-crypto's AES.GCM.seal alone", count: count) {
            let box = try AES.GCM.seal(text, using: key, nonce: AES.GCM.Nonce(data: nonce), authenticating: additional)
            precondition(box.tag.count == 16)
        }
    }

    var (a, b) = try established(cipher: .gcmp128)
    var action = [0xd0] + [UInt8](repeating: 0, count: 99)
    try measure("an action frame of 100 octets: authenticate and verify it", count: count) {
        try inPlace(&action) { octets throws(ProtectionError) in
            try a.authenticate(&octets)
            _ = try b.verify(octets.bytes)
        }
    }
    guard let cookies = CookieSecrets(current: [UInt8](repeating: 1, count: 32)) else { throw Unusable() }
    let garbage = [1] + [UInt8](repeating: 7, count: 80)
    try measure("a stranger's request", count: count) {
        do {
            _ = try b.receive(garbage, ephemeral: ephemeral, cookies: cookies, isUnderLoad: true)
        } catch HandshakeError.notAuthentic {}
    }
    try measure("what requests of a peer are read with, made once", count: count) {
        _ = try device(local: 2, peer: 6, cipher: .gcmp128)
    }
    guard var generator = SecretGenerator(octets: [UInt8](repeating: 3, count: 32)) else { throw Unusable() }
    measure("the octets of a key pair", count: count) { _ = generator.next() }
    try measure("a handshake, both sides", count: 1000) { _ = try established(cipher: .gcmp128) }
}

try run()
