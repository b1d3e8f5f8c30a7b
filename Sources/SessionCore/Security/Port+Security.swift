import IEEE80211
import LinkSecurity

/// What handshakes with all peers share.
struct HandshakeSource {
    private var secrets: SecretGenerator
    private var cookies: (current: [UInt8], previous: [UInt8]?)
    private var cookiesSince = MonotonicInstant(nanoseconds: 0)
    /// Key agreements that are answered without a cookie.
    private var agreements: RateBudget
    /// How long cookies are made with one secret; they stay good for as long again.
    private let cookieLife: Duration

    init(secrets: SecretGenerator, _ parameters: SecurityParameters) {
        var secrets = secrets
        agreements = RateBudget(perSecond: parameters.agreementsPerSecond)
        cookieLife = parameters.cookieLife
        cookies = (secrets.next(), nil)
        self.secrets = secrets
    }

    mutating func ephemeral() -> Ephemeral {
        guard let ephemeral = Ephemeral(octets: secrets.next()) else { preconditionFailure("32 octets make a pair") }
        return ephemeral
    }

    mutating func cookieSecrets(at now: MonotonicInstant) -> CookieSecrets {
        if now - cookiesSince >= cookieLife {
            cookies = (secrets.next(), cookies.current)
            cookiesSince = now
        }
        guard let made = CookieSecrets(current: cookies.current, previous: cookies.previous) else {
            preconditionFailure("32 octets make a secret")
        }
        return made
    }

    /// Whether so many requests were answered just now that the next one needs a cookie.
    mutating func isUnderLoad(at now: MonotonicInstant) -> Bool { !agreements.take(at: now) }
}

extension Port {
    /// Whether frames to and from a peer are protected.
    func isProtected(_ peer: Int) -> Bool { protections[peer] != nil }

    /// Whether frames to a peer can be sent: it has no key, or there are keys already.
    func canSend(to peer: Int) -> Bool { protections[peer]?.security.hasKeys ?? true }

    /// Makes the protection of the peers that have a key.
    static func protections(_ configuration: EngineConfiguration) -> [PeerProtection?] {
        configuration.peers.map { protection(of: $0, configuration) }
    }

    /// Makes the protection of one peer; `nil` when it has no key.
    static func protection(of peer: PeerConfiguration, _ configuration: EngineConfiguration) -> PeerProtection? {
        peer.key.map { key in
            do throws(HandshakeError) {
                return PeerProtection(
                    security: try PeerSecurity(
                        local: configuration.mldAddress, peer: peer.mldAddress, key: key,
                        capabilities: [configuration.session.indicators.rawValue],
                        settings: configuration.security.frames),
                    parameters: configuration.security)
            } catch {
                preconditionFailure("one octet of capabilities is not too long")
            }
        }
    }

    /// The request to send to a peer now, if one is due.
    mutating func requestDue(for peer: Int) -> [UInt8]? {
        guard var source = handshakes else { return nil }
        defer { handshakes = source }
        return protections[peer]?.requestDue(at: now) { source.ephemeral() }
    }

    /// Takes in a handshake message of a peer.
    mutating func handshakeReceived(_ message: [UInt8], from peer: Int) -> HandshakeOutcome {
        guard handshakes != nil, protections[peer]?.mayLook(at: now) == true, var source = handshakes else {
            return .nothing
        }
        defer { handshakes = source }
        let isUnderLoad = HandshakeKind(of: message) == .request && source.isUnderLoad(at: now)
        let cookies = source.cookieSecrets(at: now)
        return protections[peer]?.receive(
            message, ephemeral: { source.ephemeral() }, cookies: cookies, isUnderLoad: isUnderLoad, at: now) ?? .nothing
    }

    /// Sends a handshake message. Nothing depends on its fate but link health.
    mutating func sendHandshake(_ message: [UInt8], to peer: Int, on link: PeerLink) {
        transmit(.handshake, to: peer, on: link, isProtected: false) { _, _ in HandshakeFrame.action(message) }
    }

    /// Tells the user that there can be no keys with a peer, unless that was told just now.
    mutating func tellFailure(_ cause: EventCause, with peer: Int, _ address: MACAddress, on link: LinkIdentifier) {
        guard protections[peer]?.tellsFailure(at: now) ?? failuresTold.mayTell(of: peer, at: now) else { return }
        tell(Event(.handshakeFailed, peer: address, link: link, cause: cause))
    }

    /// Tells the user that a device that is no peer asks for keys, unless that was told just now.
    mutating func tellStranger(_ address: MACAddress, on link: LinkIdentifier) {
        guard failuresTold.mayTell(of: nil, at: now) else { return }
        tell(Event(.handshakeFailed, peer: address, link: link, cause: .unknownPeer))
    }
}

/// When the user heard that a peer without a key here, or a device that is no peer (`nil`), protects its frames.
struct FailuresTold {
    private var last: [Int?: MonotonicInstant] = [:]

    /// The place of the peer is another one's from now on.
    mutating func forget(_ peer: Int) { last[peer] = nil }

    /// Whether the user is to hear of it, or did so in the last ten seconds.
    mutating func mayTell(of peer: Int?, at now: MonotonicInstant) -> Bool {
        if let last = last[peer], now - last < .seconds(10) { return false }
        last[peer] = now
        return true
    }
}
