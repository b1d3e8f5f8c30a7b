import IEEE80211
import Testing

@testable import LinkSecurity

@Suite("Handshakes")
struct HandshakeTests {
    @Test("two messages and a protected frame: both ends have keys and know each other's capabilities")
    func twoMessages() throws {
        var pair = try SecuredPair()
        #expect(pair.a.wantsHandshake && !pair.a.hasKeys)
        let request = try pair.beginA()
        guard case .answer(let response) = try pair.toB(request) else { throw SecuredPair.Unusable() }
        #expect(!pair.b.hasKeys && pair.b.peerCapabilities == nil, "nothing proves yet that A is alive")
        #expect(try pair.toA(response) == .established)
        #expect(pair.a.peerCapabilities == SecuredPair.capabilitiesB)
        #expect(!pair.a.wantsHandshake && pair.a.openRequest == nil)

        let frame = try Frames.action(sealedBy: &pair.a)
        #expect(try pair.verify(at: \.b, frame).confirmsKeys)
        #expect(pair.b.peerCapabilities == SecuredPair.capabilitiesA)
        #expect(try pair.carries(from: \.b, to: \.a))
        #expect(try pair.carries(from: \.a, to: \.b))
        #expect(try !pair.verify(at: \.b, Frames.action(sealedBy: &pair.a)).confirmsKeys)
    }

    @Test("data confirms as well as an action frame")
    func dataConfirms() throws {
        var pair = try SecuredPair()
        try pair.handshakeFromA()
        let (_, result) = try pair.open(at: \.b, Frames.data([1], sealedBy: &pair.a))
        #expect(result.confirmsKeys && pair.b.hasKeys)
    }

    @Test("a request repeated because its answer got lost gets the same answer")
    func lostResponse() throws {
        var pair = try SecuredPair()
        let request = try pair.beginA()
        #expect(pair.a.openRequest == request)
        let first = try pair.toB(request)
        let second = try pair.toB(request)
        #expect(first == second)
        guard case .answer(let response) = second else { throw SecuredPair.Unusable() }
        #expect(try pair.toA(response) == .established)
        #expect(throws: HandshakeError.unexpected) { try pair.toA(response) }
    }

    @Test("who has another key, another version, cipher or address learns nothing and changes nothing")
    func strangers() throws {
        var pair = try SecuredPair()
        var stranger = try SecuredPair.device(local: SecuredPair.addressA, peer: SecuredPair.addressB, key: 7)
        let forged = try stranger.begin(ephemeral: try pair.ephemeral())
        #expect(throws: HandshakeError.notAuthentic) { try pair.toB(forged) }

        var settings = PeerSecurity.Settings()
        settings.cipher = .gcmp256
        var other = try SecuredPair.device(
            local: SecuredPair.addressA, peer: SecuredPair.addressB, settings: settings)
        let incompatible = try other.begin(ephemeral: try pair.ephemeral())
        #expect(throws: HandshakeError.notAuthentic) { try pair.toB(incompatible) }

        var third = try SecuredPair.device(
            local: MACAddress(rawValue: 0x0252_4c00_000c), peer: SecuredPair.addressB, capabilities: [])
        let misplaced = try third.begin(ephemeral: try pair.ephemeral())
        #expect(throws: HandshakeError.notAuthentic) { try pair.toB(misplaced) }

        let own = try pair.beginA()
        #expect(throws: HandshakeError.notAuthentic, "reflected") { try pair.toA(own) }
        #expect(pair.b.generations.allSatisfy { $0 == nil })
    }

    @Test("no key pair is drawn for a request that is forged, repeated, or answered with a cookie")
    func drawnPairs() throws {
        var pair = try SecuredPair()
        var drawn = 0
        func pairs(_ octet: UInt8) -> () throws(HandshakeError) -> Ephemeral {
            { () throws(HandshakeError) in
                drawn += 1
                return try SecuredPair.ephemeral([UInt8](repeating: octet, count: 32))
            }
        }
        var stranger = try SecuredPair.device(local: SecuredPair.addressA, peer: SecuredPair.addressB, key: 7)
        let forged = try stranger.begin(ephemeral: try pair.ephemeral())
        #expect(throws: HandshakeError.notAuthentic) {
            try pair.b.receive(forged, ephemeral: pairs(1), cookies: pair.cookiesB, isUnderLoad: false)
        }
        let request = try pair.beginA()
        _ = try pair.b.receive(request, ephemeral: pairs(2), cookies: pair.cookiesB, isUnderLoad: true)
        #expect(drawn == 0)
        let answer = try pair.b.receive(request, ephemeral: pairs(3), cookies: pair.cookiesB, isUnderLoad: false)
        #expect(drawn == 1)
        let again = try pair.b.receive(request, ephemeral: pairs(4), cookies: pair.cookiesB, isUnderLoad: false)
        #expect(drawn == 1 && again == answer)
        guard case .answer(let response) = answer else { throw SecuredPair.Unusable() }
        #expect(
            try pair.a.receive(response, ephemeral: pairs(5), cookies: pair.cookiesA, isUnderLoad: false)
                == .established)
        #expect(drawn == 1)
    }

    @Test("no bit of a handshake can be changed, so no capability can be stripped")
    func stripping() throws {
        var pair = try SecuredPair()
        let request = try pair.beginA()
        for bit in 8..<(request.count * 8) {
            var changed = request
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: HandshakeError.self) { try pair.toB(changed) }
        }
        guard case .answer(let response) = try pair.toB(request) else { throw SecuredPair.Unusable() }
        for bit in 8..<(response.count * 8) where bit != 263 {
            var changed = response
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: HandshakeError.self) { try pair.toA(changed) }
        }
        #expect(try pair.toA(response) == .established)
    }

    @Test("keys depend on the capabilities")
    func capabilitiesInKeys() throws {
        // The same ephemeral keys, which only a test can arrange; other capabilities of the responder.
        func frame(_ capabilities: [UInt8]) throws -> [UInt8] {
            var pair = try SecuredPair(seed: 5)
            pair.b = try SecuredPair.device(
                local: SecuredPair.addressB, peer: SecuredPair.addressA, capabilities: capabilities)
            try pair.establish()
            return try Frames.data([UInt8](repeating: 0, count: 32), sealedBy: &pair.a)
        }
        #expect(try frame([1]) == frame([1]))
        #expect(try frame([1]).dropFirst(34).prefix(32) != frame([0]).dropFirst(34).prefix(32))
    }

    @Test("messages that can't be read are refused", arguments: [0, 1, 2, 3, 4, 255] as [UInt8])
    func malformed(kind: UInt8) throws {
        var pair = try SecuredPair()
        _ = try pair.beginA()
        #expect(throws: HandshakeError.malformed) { try pair.toA([]) }
        #expect(throws: HandshakeError.malformed) { try pair.toA([kind]) }
        #expect(throws: HandshakeError.malformed) { try pair.toA([kind] + [UInt8](repeating: 1, count: 512)) }
    }

    @Test("capabilities have a limit")
    func capabilitiesLimit() throws {
        #expect(throws: HandshakeError.capabilitiesTooLong) {
            try SecuredPair.device(
                local: SecuredPair.addressA, peer: SecuredPair.addressB,
                capabilities: [UInt8](repeating: 0, count: 256))
        }
        var pair = try SecuredPair()
        pair.a = try SecuredPair.device(
            local: SecuredPair.addressA, peer: SecuredPair.addressB, capabilities: [UInt8](repeating: 7, count: 255))
        try pair.establish()
        #expect(pair.b.peerCapabilities?.count == 255)
    }
}

@Suite("Replayed handshakes")
struct HandshakeReplayTests {
    @Test("a recorded request takes the place of no keys: it is answered with a cookie, and nothing changes")
    func replayedRequest() throws {
        var pair = try SecuredPair()
        let recorded = try pair.beginA()
        try pair.establish()
        let before = pair.b.accepted
        guard case .answer(let answer) = try pair.toB(recorded) else { throw SecuredPair.Unusable() }
        #expect(answer.first == 3)
        #expect(pair.b.accepted == before)
        #expect(try pair.carries(from: \.a, to: \.b))
        #expect(try pair.carries(from: \.b, to: \.a))
    }

    @Test("a request with a cookie that was used does not help either")
    func usedCookie() throws {
        var pair = try SecuredPair()
        try pair.establish()
        guard case .answer(let cookie) = try pair.toB(try pair.beginA()),
            case .askAgain(let recorded) = try pair.toA(cookie), case .answer(let response) = try pair.toB(recorded)
        else { throw SecuredPair.Unusable() }
        #expect(try pair.toA(response) == .established)
        #expect(try pair.carries(from: \.a, to: \.b))
        let accepted = pair.b.accepted
        guard case .answer(let answer) = try pair.toB(recorded) else { throw SecuredPair.Unusable() }
        #expect(answer.first == 3 && pair.b.accepted == accepted)
    }

    @Test("a recorded request that comes first, to a responder without keys, does not keep the peer out")
    func replayBeforeTheFirst() throws {
        var pair = try SecuredPair()
        let recorded = try pair.beginA()
        pair.a.giveUpRequest()
        guard case .answer(let useless) = try pair.toB(recorded) else { throw SecuredPair.Unusable() }
        #expect(throws: HandshakeError.unexpected) { try pair.toA(useless) }
        try pair.establish()
        #expect(try pair.carries(from: \.b, to: \.a))
    }

    @Test("a pending handshake is not displaced by a replay")
    func pendingStays() throws {
        var pair = try SecuredPair()
        let recorded = try pair.beginA()
        guard case .answer(let response) = try pair.toB(try pair.beginA()) else { throw SecuredPair.Unusable() }
        _ = try pair.toB(recorded)
        #expect(try pair.toA(response) == .established)
        #expect(try pair.verify(at: \.b, Frames.action(sealedBy: &pair.a)).confirmsKeys)
    }

    @Test("under load even the first request needs a cookie, and the responder remembers nothing of it")
    func underLoad() throws {
        var pair = try SecuredPair()
        guard case .answer(let cookie) = try pair.toB(try pair.beginA(), isUnderLoad: true) else {
            throw SecuredPair.Unusable()
        }
        #expect(pair.b.accepted == 0 && pair.b.answer == nil && pair.b.generations.allSatisfy { $0 == nil })
        guard case .askAgain(let again) = try pair.toA(cookie),
            case .answer(let response) = try pair.toB(again, isUnderLoad: true)
        else { throw SecuredPair.Unusable() }
        #expect(try pair.toA(response) == .established)
    }

    @Test("cookies outlive one change of the secret, and not two")
    func secretsRotate() throws {
        let secrets = (1...3).map { [UInt8](repeating: $0, count: 32) }
        let claim = CookieClaim(responder: SecuredPair.addressB, initiator: SecuredPair.addressA, accepted: 4)
        let old = try #require(CookieSecrets(current: secrets[0]))
        let next = try #require(CookieSecrets(current: secrets[1], previous: secrets[0]))
        let last = try #require(CookieSecrets(current: secrets[2], previous: secrets[1]))
        let cookie = old.cookie(for: claim)
        #expect(cookie.count == 16 && old.accepts(cookie, for: claim) && next.accepts(cookie, for: claim))
        #expect(!last.accepts(cookie, for: claim))
        for other in [
            CookieClaim(responder: SecuredPair.addressB, initiator: SecuredPair.addressA, accepted: 5),
            CookieClaim(responder: SecuredPair.addressB, initiator: SecuredPair.addressB, accepted: 4),
            CookieClaim(responder: SecuredPair.addressA, initiator: SecuredPair.addressA, accepted: 4),
        ] { #expect(!old.accepts(cookie, for: other)) }
        #expect(!old.accepts([], for: claim))
        #expect(CookieSecrets(current: [1]) == nil && CookieSecrets(current: secrets[0], previous: []) == nil)
    }

    @Test("a forged cookie, or one for another request, does not make the initiator ask again")
    func forgedCookies() throws {
        var pair = try SecuredPair()
        let first = try pair.beginA()
        guard case .answer(let cookie) = try pair.toB(first, isUnderLoad: true) else { throw SecuredPair.Unusable() }
        for index in 1..<cookie.count {
            var forged = cookie
            forged[index] ^= 1
            #expect(throws: HandshakeError.notAuthentic) { try pair.toA(forged) }
        }
        #expect(pair.a.openRequest == first)
        _ = try pair.beginA()
        #expect(throws: HandshakeError.notAuthentic, "it answers another request") { try pair.toA(cookie) }
        pair.a.giveUpRequest()
        #expect(throws: HandshakeError.unexpected) { try pair.toA(cookie) }
    }
}

@Suite("Handshakes that cross, and devices that start again")
struct HandshakeOrderTests {
    @Test("when both ask at once, the request of the higher address is answered, and there is one pair of keys")
    func crossing() throws {
        var pair = try SecuredPair()
        let fromA = try pair.beginA()
        let fromB = try pair.beginB()
        #expect(try pair.toB(fromA) == .ownRequestFirst)
        guard case .answer(let cookie) = try pair.toA(fromB), case .askAgain(let again) = try pair.toB(cookie) else {
            throw SecuredPair.Unusable()
        }
        #expect(pair.a.openRequest == fromA, "B's request might have been a recorded one")
        guard case .answer(let response) = try pair.toA(again) else { throw SecuredPair.Unusable() }
        #expect(pair.a.openRequest == nil, "A's own request is over")
        #expect(try pair.toB(response) == .established)
        #expect(try pair.verify(at: \.a, Frames.action(sealedBy: &pair.b)).confirmsKeys)
        #expect(try pair.carries(from: \.a, to: \.b))
        #expect(try pair.carries(from: \.b, to: \.a))
    }

    @Test("crossing requests while there are keys: one cookie more, and the same end")
    func crossingRekey() throws {
        var pair = try SecuredPair()
        try pair.establish()
        let fromA = try pair.beginA()
        #expect(try pair.toA(try pair.beginB()).isCookie)
        let again = try pair.beginB()
        #expect(try pair.toB(fromA) == .ownRequestFirst)
        guard case .answer(let cookie) = try pair.toA(again), case .askAgain(let request) = try pair.toB(cookie),
            case .answer(let response) = try pair.toA(request)
        else { throw SecuredPair.Unusable() }
        #expect(try pair.toB(response) == .established)
        #expect(try pair.carries(from: \.b, to: \.a))
        #expect(pair.a.openRequest == nil && pair.a.current == pair.b.current)
    }

    @Test("a replayed request of the higher device does not end the lower one's own")
    func replayWhileAsking() throws {
        var pair = try SecuredPair()
        let recorded = try pair.beginB()
        pair.b.giveUpRequest()
        let request = try pair.beginA()
        _ = try pair.toA(recorded)
        guard case .answer(let response) = try pair.toB(request) else { throw SecuredPair.Unusable() }
        #expect(try pair.toA(response) == .established)
        #expect(try pair.carries(from: \.a, to: \.b))
    }

    @Test("keys change without a gap: frames of both generations are understood until the old keys are erased")
    func noGap() throws {
        var pair = try SecuredPair()
        try pair.establish()
        var identifiers: [Int?] = [pair.a.current]
        for _ in 0..<5 {
            let late = try Frames.data([1], sealedBy: &pair.a)
            try pair.handshakeFromA()
            // B does not know yet whether A has the keys, and goes on with the old ones.
            #expect(try pair.carries(from: \.b, to: \.a))
            #expect(try pair.carries(from: \.a, to: \.b))
            #expect(pair.a.current == pair.b.current)
            #expect(try pair.carries(from: \.b, to: \.a))
            _ = try pair.open(at: \.b, late)
            let later = try Frames.data([1], sealedBy: &pair.a)
            pair.b.eraseOldKeys()
            _ = try pair.open(at: \.b, later)
            #expect(pair.b.generations.count { $0 != nil } == 1)
            identifiers.append(pair.a.current)
        }
        #expect(identifiers == [0, 1, 0, 1, 0, 1])
    }

    @Test("keys that wait for their confirmation are not erased")
    func pendingIsKept() throws {
        var pair = try SecuredPair()
        try pair.establish()
        try pair.handshakeFromA()
        pair.b.eraseOldKeys()
        #expect(try pair.carries(from: \.a, to: \.b))
    }

    @Test("before an initiator has heard the peer under its keys, it asks for no new ones and erases no old ones")
    func notHeardYet() throws {
        var pair = try SecuredPair()
        try pair.handshakeFromA()
        #expect(throws: HandshakeError.notHeardYet) { try pair.beginA() }
        #expect(try pair.carries(from: \.a, to: \.b))
        #expect(try pair.carries(from: \.b, to: \.a))
        try pair.handshakeFromA()
        pair.a.eraseOldKeys()
        #expect(try pair.carries(from: \.b, to: \.a), "B does not know yet that A has the new keys")
        #expect(throws: HandshakeError.notHeardYet) { try pair.beginA() }
        #expect(try pair.carries(from: \.a, to: \.b))
        #expect(try pair.carries(from: \.b, to: \.a))
        _ = try pair.beginA()
        pair.a.eraseOldKeys()
        #expect(pair.a.generations.count { $0 != nil } == 1)
    }

    @Test("a peer that starts again before it was heard under new keys begins itself, and is answered")
    func restartBeforeHeard() throws {
        var pair = try SecuredPair()
        try pair.handshakeFromA()
        pair.b = try SecuredPair.device(local: SecuredPair.addressB, peer: SecuredPair.addressA)
        #expect(throws: HandshakeError.notHeardYet) { try pair.beginA() }
        guard case .answer(let cookie) = try pair.toA(try pair.beginB()),
            case .askAgain(let request) = try pair.toB(cookie), case .answer(let response) = try pair.toA(request)
        else { throw SecuredPair.Unusable() }
        #expect(try pair.toB(response) == .established)
        #expect(try pair.carries(from: \.b, to: \.a))
        #expect(try pair.carries(from: \.a, to: \.b))
    }

    @Test("a device that starts again gets new keys, whichever side it is, and old frames are worth nothing")
    func restarts() throws {
        var pair = try SecuredPair()
        try pair.establish()
        let recorded = try Frames.data([1], sealedBy: &pair.a)
        pair.b = try SecuredPair.device(local: SecuredPair.addressB, peer: SecuredPair.addressA)
        #expect(throws: ProtectionError.unknownKey) { try pair.open(at: \.b, recorded) }
        #expect(pair.b.wantsHandshake)
        try pair.establish()
        #expect(throws: ProtectionError.notAuthentic) { try pair.open(at: \.b, recorded) }
        #expect(try pair.carries(from: \.b, to: \.a))

        pair.a = try SecuredPair.device(local: SecuredPair.addressA, peer: SecuredPair.addressB)
        try pair.establish()
        #expect(try pair.carries(from: \.a, to: \.b))
        #expect(try pair.carries(from: \.b, to: \.a))
    }
}

extension HandshakeReaction {
    fileprivate var isCookie: Bool {
        if case .answer(let octets) = self { octets.first == 3 } else { false }
    }
}
