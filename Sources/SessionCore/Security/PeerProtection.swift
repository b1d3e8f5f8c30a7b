import IEEE80211
import LinkSecurity

/// What protects the frames between this device and one peer: keys, the handshake that is under way, what was refused.
struct PeerProtection {
    private(set) var security: PeerSecurity
    var refusals = SecurityRefusals()
    /// When the current keys became current; `nil` without keys.
    private(set) var keysSince: MonotonicInstant?
    /// How often there were new keys.
    private(set) var handshakes = 0
    /// When to begin a handshake of this device's own because of the age of the keys.
    private var rekeyAt: MonotonicInstant?
    /// When to erase the keys before the current ones.
    private var eraseAt: MonotonicInstant?
    /// No request goes out before this.
    private var nextRequest = MonotonicInstant(nanoseconds: .min)
    /// Whether this device, without keys, has left it to the peer already to confirm an answer.
    private var hasWaited = false
    /// How often the open request was sent.
    private var tries = 0
    /// When the user may hear again that there are no keys.
    private var tellFailureFrom = MonotonicInstant(nanoseconds: .min)
    /// Whether the user has heard of any failure since there were keys last.
    private var hasToldFailure = false
    /// Whether requests were in vain since there were keys last.
    private var isUnanswered = false
    private var budget: RateBudget

    /// How long a device that answered a request leaves it to the other to confirm the keys, before it asks itself.
    private static let answerTime = Duration.milliseconds(500)
    /// How far apart requests are while there are keys to send with.
    private static let requestInterval = Duration.milliseconds(100)
    /// How often a request is sent before another one, with another ephemeral key, takes its place.
    private static let mostTries = 32
    /// How long a device with keys waits when its request was in vain.
    private static let pause = Duration.seconds(10)
    private static let failureInterval = Duration.seconds(10)

    init(security: PeerSecurity, parameters: SecurityParameters = SecurityParameters()) {
        self.security = security
        // Not all in a row: each costs much more than a frame of a session, and those would wait behind it.
        budget = RateBudget(
            perSecond: parameters.handshakesPerSecond, atOnce: max(1, parameters.handshakesPerSecond / 8))
    }

    // MARK: Frames

    /// Seals a data frame in place.
    mutating func seal(_ mpdu: inout MutableRawSpan) -> Bool { (try? security.seal(&mpdu)) != nil }

    /// Fills in the protection at the end of an action frame.
    mutating func authenticate(_ mpdu: inout [UInt8]) -> Bool {
        ProtectionElement.append(to: &mpdu)
        var span = mpdu.mutableSpan
        var octets = span.mutableBytes
        return (try? security.authenticate(&octets)) != nil
    }

    /// Checks an action frame.
    ///
    /// - Returns: what it proved; `nil`, and counted, when that is nothing.
    mutating func verify(_ mpdu: Span<UInt8>) -> AuthenticFrame? {
        do throws(ProtectionError) {
            return try security.verify(mpdu.bytes)
        } catch {
            count(error)
            return nil
        }
    }

    /// Decrypts a data frame in place.
    ///
    /// - Returns: what it proved; `nil`, and counted, when that is nothing.
    mutating func open(_ mpdu: inout MutableRawSpan) -> AuthenticFrame? {
        do throws(ProtectionError) {
            return try security.open(&mpdu)
        } catch {
            count(error)
            return nil
        }
    }

    private mutating func count(_ error: ProtectionError) {
        switch error {
        case .noKeys, .unknownKey: refusals.unknownKey += 1
        case .repeated, .tooOld: refusals.replayed += 1
        case .unsuitableFrame, .notAuthentic, .exhausted, .failed: refusals.notAuthentic += 1
        }
    }

    // MARK: Key log

    mutating func beginKeyLog() { security.beginKeyLog() }

    mutating func takeLoggedKeys() -> [LoggedKey] { security.takeLoggedKeys() }

    // MARK: Handshakes

    /// The request to send now, if one is due: the open one again, or a new one.
    ///
    /// - Parameter ephemeral: draws a fresh key pair.
    mutating func requestDue(
        at now: MonotonicInstant, _ ephemeral: () -> Ephemeral
    ) -> [UInt8]? {
        eraseOldKeys(at: now)
        let isWanted = security.wantsHandshake || rekeyAt.map { $0 <= now } ?? false
        guard isWanted, nextRequest <= now else { return nil }
        if tries >= Self.mostTries {
            tries = 0
            security.giveUpRequest()
            if security.hasKeys {
                nextRequest = now + Self.pause
                return nil
            }
            isUnanswered = true
        }
        // Fails while the peer has not been heard under the current keys: the protected frames confirm them.
        guard let request = security.openRequest ?? (try? security.begin(ephemeral: ephemeral())) else { return nil }
        if security.hasKeys { nextRequest = now + Self.requestInterval }
        tries += 1
        return request
    }

    private mutating func eraseOldKeys(at now: MonotonicInstant) {
        guard let eraseAt, eraseAt <= now, security.isHeard else { return }
        security.eraseOldKeys()
        self.eraseAt = nil
    }

    /// Whether a handshake message may be looked at: so many a second and no more, whoever sends them.
    mutating func mayLook(at now: MonotonicInstant) -> Bool {
        guard budget.take(at: now) else {
            refusals.tooManyHandshakes += 1
            return false
        }
        return true
    }

    /// Takes in a handshake message of the peer.
    ///
    /// - Parameter ephemeral: draws a fresh key pair.
    /// - Returns: what to do, or what the user should hear of. What changes nothing is counted.
    mutating func receive(
        _ message: [UInt8], ephemeral: () -> Ephemeral, cookies: CookieSecrets, isUnderLoad: Bool,
        at now: MonotonicInstant
    ) -> HandshakeOutcome {
        do throws(HandshakeError) {
            let reaction = try security.receive(
                message, ephemeral: ephemeral, cookies: cookies, isUnderLoad: isUnderLoad)
            switch reaction {
            case .answer(let answer):
                // Whoever is asked need not ask; a new request would make the peer drop the keys of this answer.
                // Once only: requests that somebody recorded must not keep this device from asking.
                if HandshakeKind(of: answer) == .response, !security.hasKeys, !hasWaited {
                    nextRequest = now + Self.answerTime
                    hasWaited = true
                }
                if HandshakeKind(of: answer) == .cookie { refusals.withoutCookie += 1 }
            case .askAgain: tries = 1
            case .established, .ownRequestFirst: break
            }
            return .reaction(reaction)
        } catch {
            let isRequest = HandshakeKind(of: message) == .request
            guard error == .notAuthentic, isRequest else {
                // A response or a cookie to a request that another one has replaced.
                if error == .unexpected || error == .notAuthentic {
                    refusals.lateHandshakes += 1
                } else {
                    refusals.notAuthentic += 1
                }
                return .nothing
            }
            refusals.notAuthentic += 1
            return .wrongKey
        }
    }

    /// Takes note that there are new keys.
    mutating func keysChanged(isInitiator: Bool, at now: MonotonicInstant, _ parameters: SecurityParameters) {
        keysSince = now
        handshakes += 1
        tries = 0
        nextRequest = now
        rekeyAt = now + (isInitiator ? parameters.rekeyAfter : parameters.rekeyAfter * 11 / 10)
        eraseAt = now + parameters.oldKeysKept
        tellFailureFrom = now
        hasToldFailure = false
        isUnanswered = false
    }

    /// Whether the user is to hear of a failure, or did so just now.
    mutating func tellsFailure(at now: MonotonicInstant) -> Bool {
        guard tellFailureFrom <= now else { return false }
        tellFailureFrom = now + Self.failureInterval
        hasToldFailure = true
        return true
    }

    /// Whether the user is to hear that the peer answers nothing: once, and when nothing better is known.
    var tellsSilence: Bool { isUnanswered && !hasToldFailure }
}

/// What became of a handshake message.
enum HandshakeOutcome {
    case reaction(HandshakeReaction)
    /// A request that was made with another key, or with another version or cipher.
    case wrongKey
    case nothing
}
