import IEEE80211

/// What a recorded agent had that its recording does not say: with it, what the agent decided is decided again octet for octet.
/// Whoever has it reads all that the agent said, and can be that device.
///
/// In a key log it is a line for the generator of secrets, which names the recording, and a line for each key:
///
///     replay 8b5d21f093c46e17 <32 octets in hexadecimal digits>
///     psk 02:52:4c:00:00:0b <32 octets in hexadecimal digits>     the key of this peer
///     psk any <32 octets in hexadecimal digits>                   the key of all others
public struct ReplaySecrets: Equatable, Sendable {
    /// The seed of the recording that they belong to.
    public var seed: UInt64
    /// What the generator of secrets was made of.
    public var octets: [UInt8]
    /// The keys of the peers, and of those that may become some.
    public var keys: KeyFile

    /// Makes them.
    public init(seed: UInt64, octets: [UInt8], keys: KeyFile) {
        self.seed = seed
        self.octets = octets
        self.keys = keys
    }

    /// The generator of secrets as it was at the agent's start; `nil` when it was made of another number of octets.
    public var generator: SecretGenerator? { SecretGenerator(octets: octets) }

    /// The lines in a key log.
    public var lines: [String] {
        ["replay \(Hexadecimal.digits(of: seed)) \(Hexadecimal.digits(of: octets))"]
            + keys.entries.map { entry in
                "psk \(entry.peer.map { "\($0)" } ?? "any") \(Hexadecimal.digits(of: entry.key.octets))"
            }
    }

    /// Reads a line that begins secrets; `nil` when it is none.
    init?(line: some StringProtocol) {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count == 3, fields[0] == "replay", let seed = Hexadecimal.octets(of: fields[1]), seed.count == 8,
            let octets = Hexadecimal.octets(of: fields[2]), octets.count == SecretGenerator.length
        else { return nil }
        self.init(seed: seed.reduce(0) { $0 << 8 | UInt64($1) }, octets: octets, keys: KeyFile())
    }

    /// Takes in a line with a key.
    ///
    /// - Returns: whether it is one.
    mutating func add(line: some StringProtocol) -> Bool {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count == 3, fields[0] == "psk", let octets = Hexadecimal.octets(of: fields[2]),
            let key = PreSharedKey(octets: octets)
        else { return false }
        if fields[1] == "any" { return keys.set(key, for: nil) }
        guard let peer = MACAddress(String(fields[1])), !peer.isGroup else { return false }
        return keys.set(key, for: peer)
    }
}

/// Octets as two digits each.
enum Hexadecimal {
    static func digits(of octets: [UInt8]) -> String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func digits(of number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The octets; `nil` for what is none.
    static func octets(of digits: some StringProtocol) -> [UInt8]? {
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
