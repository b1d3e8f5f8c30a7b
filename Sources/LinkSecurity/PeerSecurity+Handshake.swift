import IEEE80211

/// What to do after a handshake message was read.
public enum HandshakeReaction: Equatable, Sendable {
    /// Send this to the peer, once: a response or a cookie to its request.
    case answer([UInt8])
    /// Send this to the peer, and again until an answer comes: the request anew, with the peer's cookie.
    case askAgain([UInt8])
    /// The keys are there, and the peer has proved that it has them. Send a protected frame at once: it confirms them there.
    case established
    /// Nothing: this device has asked, too, and its request goes first, since its MLD address is the higher one.
    case ownRequestFirst
}

extension PeerSecurity {
    /// Begins a handshake, in place of one that this device began before. Current keys stay in use.
    ///
    /// Fails with `notHeardYet` as long as the peer has not been heard under the current keys: it may have them waiting for
    /// their confirmation, and would drop them for this request. Protected frames confirm them; and a peer that has lost them
    /// begins itself.
    ///
    /// - Returns: the request. Send it, and again until an answer comes.
    public mutating func begin(ephemeral: consuming Ephemeral) throws(HandshakeError) -> [UInt8] {
        if currentGeneration?.isHeard == false { throw .notHeardYet }
        return try begin(cookie: [UInt8](repeating: 0, count: cookieLength), ephemeral: ephemeral)
    }

    /// The request that waits for its answer.
    public var openRequest: [UInt8]? { request?.message }

    /// Gives up waiting for an answer.
    public mutating func giveUpRequest() { request = nil }

    /// Reads a handshake message of the peer. What fails changes nothing.
    ///
    /// - Parameters:
    ///   - octets: the message.
    ///   - ephemeral: draws a fresh pair; asked only when this message leads to one of this device.
    ///   - cookies: the secrets of this device.
    ///   - isUnderLoad: whether requests without a good cookie are answered with a cookie even when there is nothing to protect.
    public mutating func receive(
        _ octets: [UInt8], ephemeral: () throws(HandshakeError) -> Ephemeral, cookies: CookieSecrets, isUnderLoad: Bool
    ) throws(HandshakeError) -> HandshakeReaction {
        switch try HandshakeMessage(parsing: octets) {
        case .request(let message):
            return try receiveRequest(
                message, octets: octets, ephemeral: ephemeral, cookies: cookies, isUnderLoad: isUnderLoad)
        case .response(let message): return try receiveResponse(message)
        case .cookie(let cookie, let proof):
            return try receiveCookie(cookie, proof: proof, ephemeral: ephemeral)
        }
    }

    private func context(initiator: MACAddress, responder: MACAddress) -> HandshakeContext {
        HandshakeContext(initiator: initiator, responder: responder, cipher: settings.cipher)
    }

    // MARK: The initiator

    private mutating func begin(
        cookie: [UInt8], ephemeral: consuming Ephemeral
    ) throws(HandshakeError) -> [UInt8] {
        let prologue = context(initiator: local, responder: peer).prologue
        do {
            let (message, noise) = try NoiseInitiator(key: key, prologue: prologue, ephemeral: ephemeral)
                .write(cookie + capabilities)
            let octets = HandshakeMessage.request(message).octets
            request = Request(message: octets, noise: noise)
            return octets
        } catch {
            throw HandshakeError(error)
        }
    }

    private mutating func receiveResponse(_ message: [UInt8]) throws(HandshakeError) -> HandshakeReaction {
        guard let request else { throw .unexpected }
        let payload: [UInt8]
        let split: NoiseSplit
        do { (payload, split) = try request.noise.read(message) } catch { throw HandshakeError(error) }
        guard let identifier = payload.first, identifier < 2 else { throw .malformed }
        try install(
            identifier, split: split, isInitiator: true, peerCapabilities: Array(payload.dropFirst()))
        becomeCurrent(Int(identifier))
        return .established
    }

    private mutating func receiveCookie(
        _ cookie: [UInt8], proof: [UInt8], ephemeral: () throws(HandshakeError) -> Ephemeral
    ) throws(HandshakeError) -> HandshakeReaction {
        guard let request else { throw .unexpected }
        let expected = context(initiator: local, responder: peer)
            .proof(of: cookie, answering: request.message, key: key)
        guard areEqual(proof, expected) else { throw .notAuthentic }
        return .askAgain(try begin(cookie: cookie, ephemeral: try ephemeral()))
    }

    // MARK: The responder

    private mutating func receiveRequest(
        _ message: [UInt8], octets: [UInt8], ephemeral: () throws(HandshakeError) -> Ephemeral, cookies: CookieSecrets,
        isUnderLoad: Bool
    ) throws(HandshakeError) -> HandshakeReaction {
        if let answer, answer.request == octets { return .answer(answer.response) }
        let payload: [UInt8]
        let noise: NoiseAnswering
        do { (payload, noise) = try responder.read(message) } catch { throw HandshakeError(error) }
        guard payload.count >= cookieLength else { throw .malformed }
        if request != nil && local > peer { return .ownRequestFirst }

        let claim = CookieClaim(responder: local, initiator: peer, accepted: accepted)
        let hasSomethingToLose = request != nil || generations.contains { $0 != nil }
        if isUnderLoad || hasSomethingToLose, !cookies.accepts(Array(payload.prefix(cookieLength)), for: claim) {
            let cookie = cookies.cookie(for: claim)
            let proof = context(initiator: peer, responder: local).proof(of: cookie, answering: octets, key: key)
            return .answer(HandshakeMessage.cookie(cookie, proof: proof).octets)
        }
        let peerCapabilities = Array(payload.dropFirst(cookieLength))
        return .answer(
            try accept(noise, request: octets, peerCapabilities: peerCapabilities, ephemeral: try ephemeral()))
    }

    private mutating func accept(
        _ noise: NoiseAnswering, request octets: [UInt8], peerCapabilities: [UInt8], ephemeral: consuming Ephemeral
    ) throws(HandshakeError) -> [UInt8] {
        let identifier = UInt8(current.map { 1 - $0 } ?? 0)
        let message: [UInt8]
        let split: NoiseSplit
        do {
            (message, split) = try noise.write([identifier] + capabilities, ephemeral: ephemeral)
        } catch {
            throw HandshakeError(error)
        }
        try install(identifier, split: split, isInitiator: false, peerCapabilities: peerCapabilities)
        let response = HandshakeMessage.response(message).octets
        answer = Answer(request: octets, response: response)
        // The peer asked just now, so its handshake counts, and not one that this device began before.
        request = nil
        accepted += 1
        return response
    }

    // MARK: Both

    /// Keeps new keys, in place of those that had the key ID before.
    private mutating func install(
        _ identifier: UInt8, split: NoiseSplit, isInitiator: Bool, peerCapabilities: [UInt8]
    ) throws(HandshakeError) {
        do {
            generations[Int(identifier)] = try KeyGeneration(
                identifier: identifier, split: split, isInitiator: isInitiator, peerCapabilities: peerCapabilities,
                settings: settings)
        } catch {
            throw .failed
        }
        guard keyLog != nil else { return }
        keyLog? += KeyGeneration.logged(
            identifier: identifier, split: split, isInitiator: isInitiator, local: local, peer: peer,
            cipher: settings.cipher)
    }

    /// Sends with these keys from now on. The handshakes that were under way are over: the other keys are old ones, whether or
    /// not the peer ever confirmed them, and what still comes under them confirms nothing.
    mutating func becomeCurrent(_ identifier: Int) {
        for index in generations.indices { generations[index]?.isConfirmed = true }
        current = identifier
        request = nil
        answer = nil
    }
}
