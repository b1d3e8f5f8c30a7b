import Crypto
import IEEE80211
import SessionCore
import TestSupport
import Testing

@testable import LinkSecurity

@Suite("Protected frames")
struct FrameProtectionTests {
    private func pair(_ settings: PeerSecurity.Settings = .init()) throws -> SecuredPair {
        var pair = try SecuredPair(settings: settings)
        try pair.establish()
        return pair
    }

    @Test("data of all lengths, with both ciphers", arguments: DataCipher.allCases)
    func lengths(cipher: DataCipher) throws {
        var settings = PeerSecurity.Settings()
        settings.cipher = cipher
        var pair = try pair(settings)
        for length in [0, 1, 15, 16, 17, 1400, 2200] {
            let text = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            let sealed = try Frames.data(text, sealedBy: &pair.a)
            #expect(sealed[1] & 0x40 != 0)
            if length > 15 { #expect(Array(sealed[34...].prefix(length)) != text) }
            let (opened, result) = try pair.open(at: \.b, sealed)
            #expect(Array(opened[result.content]) == text)
        }
    }

    @Test("the layout is GCMP's: packet number, Ext IV, key ID")
    func layout() throws {
        var pair = try pair()
        for number: UInt8 in 1...3 {
            let sealed = try Frames.data([1], sealedBy: &pair.a)
            #expect(Array(sealed[26..<34]) == [number, 0, 0, 0x20, 0, 0, 0, 0])
        }
        try pair.establish()
        #expect(try Frames.data([1], sealedBy: &pair.a)[29] == 0x60)
        let action = try Frames.action(sealedBy: &pair.a)
        #expect(Array(action.suffix(24).prefix(8)) == [2, 0, 0, 0x60, 0, 0, 0, 0], "the first one confirmed the keys")
    }

    @Test("every bit of a data frame counts but those that radios change, and a failure leaves nothing of the text")
    func dataBits() throws {
        var pair = try pair()
        let sealed = try Frames.data([1, 2, 3, 4], sealedBy: &pair.a)
        // Frame control: subtype bits 4 to 6 (Null frames apart), retry, power management, more data; duration; A1 and A2, for which
        // the MLD addresses stand; sequence number; QoS control but the TID; what GCMP leaves out of its own header.
        let free: (Int) -> Bool = { bit in
            switch bit / 8 {
            case 1: [3, 4, 5].contains(bit % 8)
            case 2...15, 23, 25, 28: true
            case 22, 24: bit % 8 >= 4
            case 29: bit % 8 < 5
            default: false
            }
        }
        for bit in 0..<(sealed.count * 8) {
            var pair = pair
            var changed = sealed
            changed[bit / 8] ^= 1 << (bit % 8)
            if free(bit) {
                #expect(try pair.open(at: \.b, changed).frame[34..<38] == [1, 2, 3, 4], "bit \(bit)")
            } else {
                #expect(throws: ProtectionError.self, "bit \(bit)") {
                    try Frames.inPlace(&changed) { (octets) throws(ProtectionError) in try pair.b.open(&octets) }
                }
                if bit >= 34 * 8 { #expect(changed[34..<38] == [0, 0, 0, 0]) }
            }
        }
    }

    @Test("every bit of an action frame counts but those that radios change; so it belongs to its link")
    func actionBits() throws {
        var pair = try pair()
        let frame = try Frames.action(sealedBy: &pair.a)
        let free: (Int) -> Bool = { bit in
            switch bit / 8 {
            case 1: [3, 4, 5].contains(bit % 8)
            case 2, 3, 23: true
            case 22: bit % 8 >= 4
            default: false
            }
        }
        for bit in 0..<(frame.count * 8) {
            var pair = pair
            var changed = frame
            changed[bit / 8] ^= 1 << (bit % 8)
            if free(bit) {
                #expect(try pair.verify(at: \.b, changed).content == 24..<28, "bit \(bit)")
            } else {
                #expect(throws: ProtectionError.self, "bit \(bit)") { try pair.verify(at: \.b, changed) }
            }
        }
    }

    @Test("a frame is taken once, and only by the other end")
    func replays() throws {
        var pair = try pair()
        let data = try Frames.data([1], sealedBy: &pair.a)
        let action = try Frames.action(sealedBy: &pair.a)
        #expect(throws: ProtectionError.self, "reflected") { try pair.open(at: \.a, data) }
        #expect(throws: ProtectionError.self, "reflected") { try pair.verify(at: \.a, action) }
        _ = try pair.open(at: \.b, data)
        _ = try pair.verify(at: \.b, action)
        #expect(throws: ProtectionError.repeated) { try pair.open(at: \.b, data) }
        #expect(throws: ProtectionError.repeated) { try pair.verify(at: \.b, action) }
    }

    @Test("frames may come in any order within the window, each once")
    func anyOrder() throws {
        let seed = Environment.seed ?? Environment.fresh
        var random = SeededRandom(seed: seed)
        var pair = try pair()
        var frames: [[UInt8]] = []
        for index in 0..<1500 { frames.append(try Frames.data([UInt8(index % 256)], sealedBy: &pair.a)) }
        for frame in frames.shuffled(using: &random) {
            #expect(throws: Never.self, "RELINK_SEED=\(seed)") { try pair.open(at: \.b, frame) }
        }
        for frame in frames {
            #expect(throws: ProtectionError.repeated) { try pair.open(at: \.b, frame) }
        }
    }

    @Test("a forged frame with a high number does not push the window away")
    func forgedNumber() throws {
        var pair = try pair()
        let genuine = try Frames.data([1], sealedBy: &pair.a)
        var forged = genuine
        forged[33] = 0xff
        #expect(throws: ProtectionError.notAuthentic) { try pair.open(at: \.b, forged) }
        _ = try pair.open(at: \.b, genuine)
    }

    @Test("what is no frame for it is refused, and costs no packet number")
    func unsuitable() throws {
        var pair = try pair()
        let action = Frames.plainAction()
        let data = Frames.plainData([])
        var encrypted = action
        encrypted[1] = 0x40
        var fourAddresses = data
        fourAddresses[1] = 3
        for frame in [[], action, Array(data.dropLast()), fourAddresses, data.enumerated().map { $0 == 0 ? 0xc8 : $1 }]
        {
            var frame = frame
            #expect(throws: ProtectionError.unsuitableFrame) {
                try Frames.inPlace(&frame) { (octets) throws(ProtectionError) in try pair.a.seal(&octets) }
            }
            #expect(throws: ProtectionError.unsuitableFrame) { try pair.open(at: \.b, frame) }
        }
        #expect(throws: ProtectionError.unsuitableFrame, "not protected") { try pair.open(at: \.b, data) }
        for frame in [[], data, encrypted, Array(Frames.plainAction([]).dropLast(2))] {
            var frame = frame
            #expect(throws: ProtectionError.unsuitableFrame) {
                try Frames.inPlace(&frame) { (octets) throws(ProtectionError) in try pair.a.authenticate(&octets) }
            }
            #expect(throws: ProtectionError.unsuitableFrame) { try pair.verify(at: \.b, frame) }
        }
        #expect(throws: ProtectionError.unsuitableFrame, "not protected") { try pair.verify(at: \.b, action) }
        #expect(try Frames.data([1], sealedBy: &pair.a)[26] == 1)
    }

    @Test("octets at random are refused, whatever they are, and change nothing")
    func random() throws {
        let seed = Environment.seed ?? Environment.fresh
        var random = SeededRandom(seed: seed)
        var pair = try pair()
        for _ in 0..<1000 {
            var octets = (0..<Int.random(in: 0...120, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if !octets.isEmpty { octets[0] = [0x88, 0xd0, 1, 2, 3].randomElement(using: &random) ?? 0 }
            #expect(throws: ProtectionError.self, "RELINK_SEED=\(seed)") { try pair.open(at: \.b, octets) }
            #expect(throws: ProtectionError.self, "RELINK_SEED=\(seed)") { try pair.verify(at: \.b, octets) }
            #expect(throws: HandshakeError.self, "RELINK_SEED=\(seed)") { try pair.toB(octets) }
        }
        #expect(try pair.carries(from: \.a, to: \.b))
        #expect(try pair.carries(from: \.b, to: \.a))
    }

    @Test("without keys nothing is protected")
    func noKeys() throws {
        var pair = try SecuredPair()
        #expect(throws: ProtectionError.noKeys) { try Frames.data([1], sealedBy: &pair.a) }
        #expect(throws: ProtectionError.noKeys) { try Frames.action(sealedBy: &pair.a) }
    }
}

@Suite("Packet numbers and nonces")
struct NonceTests {
    @Test("no nonce comes twice under one key, over links, kinds of frames and copies of the state")
    func unique() throws {
        var pair = try SecuredPair()
        try pair.establish()
        var copy = pair
        var numbers: [UInt8] = []
        for link: UInt64 in 1...4 {
            for _ in 0..<10 {
                var frame = Frames.plainData([1], transmitter: MACAddress(rawValue: link))
                try Frames.inPlace(&frame) { (octets) throws(ProtectionError) in
                    try link.isMultiple(of: 2) ? pair.a.seal(&octets) : copy.a.seal(&octets)
                }
                numbers.append(frame[26])
            }
        }
        #expect(numbers == (1...40).map { $0 })
    }

    @Test("data and action frames, and both directions, have keys of their own")
    func separateKeys() throws {
        var pair = try SecuredPair()
        try pair.handshakeFromA()
        func keystream(_ key: SendingKey?) throws -> [UInt8] {
            let key = try #require(key)
            var text = [UInt8](repeating: 0, count: 32)
            try text.withUnsafeMutableBytes { octets in
                try [UInt8](repeating: 0, count: 12).withUnsafeBytes { nonce in
                    try key.seal(
                        nonce: nonce, first: nothing, second: nothing,
                        text: UnsafeMutableRawBufferPointer(rebasing: octets.prefix(16)),
                        tag: UnsafeMutableRawBufferPointer(rebasing: octets.suffix(16)))
                }
            }
            return text
        }
        let keys = [
            pair.a.generations[0]?.sendingData, pair.a.generations[0]?.sendingAction,
            pair.b.generations[0]?.sendingData, pair.b.generations[0]?.sendingAction,
        ]
        #expect(Set(try keys.map(keystream)).count == 4)
    }

    @Test("restarts and new handshakes give new keys")
    func freshKeys() throws {
        var pair = try SecuredPair()
        var frames: Set<[UInt8]> = []
        for round in 0..<6 {
            if round == 3 { pair.a = try SecuredPair.device(local: SecuredPair.addressA, peer: SecuredPair.addressB) }
            try pair.establish()
            let frame = try Frames.data([UInt8](repeating: 0, count: 32), sealedBy: &pair.a)
            frames.insert(Array(frame[34..<66]))
        }
        #expect(frames.count == 6)
    }

    @Test("new keys are wanted long before the packet numbers end")
    func rekey() throws {
        var settings = PeerSecurity.Settings()
        settings.packetsUntilRekey = 3
        var pair = try SecuredPair(settings: settings)
        try pair.establish()
        _ = try Frames.data([1], sealedBy: &pair.a)
        _ = try Frames.data([1], sealedBy: &pair.a)
        #expect(!pair.a.wantsHandshake)
        _ = try Frames.data([1], sealedBy: &pair.a)
        #expect(pair.a.wantsHandshake && !pair.b.wantsHandshake)
        try pair.establish()
        #expect(!pair.a.wantsHandshake)
        #expect(PeerSecurity.Settings().packetsUntilRekey < SendingKey.greatestNumber / 1_000_000)
    }

    @Test("packet numbers never wrap")
    func exhaustion() throws {
        let key = try SendingKey(.init(size: .bits128), lastNumber: 1 << 48 - 2)
        #expect(try key.nextNumber() == 1 << 48 - 1)
        #expect(throws: ProtectionError.exhausted) { try key.nextNumber() }
        #expect(throws: ProtectionError.exhausted) { try key.nextNumber() }
    }

    @Test("the window can be widened, not narrowed below 1024")
    func window() {
        var settings = PeerSecurity.Settings()
        settings.replayWindow = 10
        #expect(settings.replayWindow == 1024)
        settings.replayWindow = 5000
        #expect(settings.replayWindow == 5000)
    }
}
