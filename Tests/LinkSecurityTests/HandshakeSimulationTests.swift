import IEEE80211
import SessionCore
import TestSupport
import Testing

@testable import LinkSecurity

/// Two devices that begin handshakes and send frames at random, over an air that loses, doubles and delays everything.
private struct Storm {
    enum Device: CaseIterable { case a, b }

    private struct Flight {
        var receiver: Device
        var octets: [UInt8]
        var isFrame: Bool
    }

    var pair: SecuredPair
    private var random: SeededRandom
    private var air: [Flight] = []

    init(seed: UInt64) throws {
        pair = try SecuredPair(seed: seed)
        random = SeededRandom(seed: seed &+ 1)
    }

    private static func other(_ device: Device) -> Device { device == .a ? .b : .a }

    mutating func step() throws {
        let device = Device.allCases.randomElement(using: &random) ?? .a
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            do {
                launch(try device == .a ? pair.beginA() : pair.beginB(), to: Self.other(device), isFrame: false)
            } catch HandshakeError.notHeardYet {}
        case 1:
            // An impatient caller repeats, or gives up.
            let request = device == .a ? pair.a.openRequest : pair.b.openRequest
            if let request { launch(request, to: Self.other(device), isFrame: false) }
            if Bool.random(using: &random) {
                if device == .a { pair.a.giveUpRequest() } else { pair.b.giveUpRequest() }
            }
        case 2, 3: try sendFrame(from: device)
        case 4 where !air.isEmpty: air.remove(at: Int.random(in: air.indices, using: &random))
        default:
            if let index = air.indices.randomElement(using: &random) { try deliver(air.remove(at: index)) }
        }
    }

    /// One of the devices loses its memory.
    mutating func restart() throws {
        if Bool.random(using: &random) {
            pair.a = try SecuredPair.device(local: SecuredPair.addressA, peer: SecuredPair.addressB)
        } else {
            pair.b = try SecuredPair.device(local: SecuredPair.addressB, peer: SecuredPair.addressA)
        }
    }

    /// What agents do: who wants a handshake begins one, and repeats the request until there is an answer.
    mutating func handshakesAsWanted() throws {
        for _ in 0..<3 {
            if pair.a.wantsHandshake && pair.a.openRequest == nil { launch(try pair.beginA(), to: .b, isFrame: false) }
            if pair.b.wantsHandshake && pair.b.openRequest == nil { launch(try pair.beginB(), to: .a, isFrame: false) }
            try calmDown()
            if let request = pair.a.openRequest { launch(request, to: .b, isFrame: false) }
            if let request = pair.b.openRequest { launch(request, to: .a, isFrame: false) }
            try exchangeFrames()
        }
    }

    /// Everything arrives, in a random order, and nobody begins anything.
    mutating func calmDown() throws {
        while let index = air.indices.randomElement(using: &random) { try deliver(air.remove(at: index)) }
    }

    /// Some frames of both, which arrive.
    mutating func exchangeFrames() throws {
        for _ in 0..<3 {
            for device in Device.allCases { try sendFrame(from: device) }
            try calmDown()
        }
    }

    mutating func sendFrame(from device: Device) throws {
        guard device == .a ? pair.a.hasKeys : pair.b.hasKeys else { return }
        let frame = try device == .a ? Frames.action(sealedBy: &pair.a) : Frames.action(sealedBy: &pair.b)
        launch(frame, to: Self.other(device), isFrame: true)
    }

    private mutating func launch(_ octets: [UInt8], to receiver: Device, isFrame: Bool) {
        for _ in 0..<(Int.random(in: 0..<8, using: &random) == 0 ? 2 : 1) {
            air.append(Flight(receiver: receiver, octets: octets, isFrame: isFrame))
        }
    }

    private mutating func deliver(_ flight: Flight) throws {
        if flight.isFrame {
            do {
                _ = try pair.verify(at: flight.receiver == .a ? \.a : \.b, flight.octets)
            } catch is ProtectionError {}
            return
        }
        do {
            switch try flight.receiver == .a ? pair.toA(flight.octets) : pair.toB(flight.octets) {
            case .answer(let octets), .askAgain(let octets):
                launch(octets, to: Self.other(flight.receiver), isFrame: false)
            case .established: try sendFrame(from: flight.receiver)
            case .ownRequestFirst: break
            }
        } catch HandshakeError.unexpected, HandshakeError.notAuthentic {}
    }
}

@Suite("Handshakes under loss, delay and doubling")
struct HandshakeSimulationTests {
    @Test("whatever happened before, one more handshake leaves both ends with the same keys", arguments: 0..<200)
    func converges(run: UInt64) throws {
        let seed = Environment.seed ?? (Environment.fresh &* 1000 &+ run)
        var storm = try Storm(seed: seed)
        for _ in 0..<60 { try storm.step() }
        try storm.calmDown()
        if storm.pair.a.openRequest == nil && storm.pair.b.openRequest == nil && storm.pair.a.hasKeys
            && storm.pair.b.hasKeys
        {
            try expectAgreement(&storm, "RELINK_SEED=\(seed), without another handshake")
        }
        storm.pair.a.giveUpRequest()
        storm.pair.b.giveUpRequest()
        try storm.exchangeFrames()
        try storm.pair.establish()
        try expectAgreement(&storm, "RELINK_SEED=\(seed)")
    }

    @Test("devices that lose their memory at any time get keys again when they do as agents do", arguments: 0..<200)
    func restarts(run: UInt64) throws {
        let seed = Environment.seed ?? (Environment.fresh &* 1000 &+ run)
        var storm = try Storm(seed: seed)
        for _ in 0..<4 {
            for _ in 0..<15 { try storm.step() }
            try storm.restart()
        }
        try storm.handshakesAsWanted()
        try expectAgreement(&storm, "RELINK_SEED=\(seed)")
    }

    /// Frames arrive in both directions, and still do when each end has erased its old keys.
    private func expectAgreement(_ storm: inout Storm, _ comment: Comment) throws {
        try storm.exchangeFrames()
        #expect(storm.pair.a.current == storm.pair.b.current, comment)
        storm.pair.a.eraseOldKeys()
        storm.pair.b.eraseOldKeys()
        #expect(throws: Never.self, comment) {
            _ = try storm.pair.carries(from: \.a, to: \.b)
            _ = try storm.pair.carries(from: \.b, to: \.a)
        }
    }
}
