import IEEE80211
import SessionCore
import TestSupport
import Testing

@Suite("What the peers' radios receive")
struct RateTests {
    private let mcs15 = RadioCapabilities(
        HTCapabilities(information: 0x3c, aggregation: 0x1b, modulations: [0xff, 0xff]))

    @Test("RAT-1: heartbeats say what a radio receives, and whoever has its station for a peer learns it once")
    func learned() throws {
        let link = try #require(LinkIdentifier(1))
        var pair = Pair(links: 1)
        #expect(pair.peerRadios(of: Pair.a, on: link) == [PeerRadio(address: Pair.address(Pair.b, link))])
        #expect(changes(&pair) == [true, false])
        pair.run(for: .seconds(1))
        #expect(changes(&pair) == [false, false], "a radio without HT changes nothing")
        pair.hand(
            .linkUp(
                link,
                LinkProperties(
                    address: Pair.address(Pair.b, link), frequency: 2412, acknowledgment: .mac, receives: mcs15)),
            to: Pair.b)
        pair.run(for: .seconds(2))
        #expect(changes(&pair) == [true, false])
        #expect(
            pair.peerRadios(of: Pair.a, on: link)
                == [PeerRadio(address: Pair.address(Pair.b, link), receives: mcs15)])
        pair.run(for: .seconds(2))
        #expect(changes(&pair) == [false, false], "it is told once")
    }

    @Test("RAT-1: capabilities that change all the time are taken over every ten seconds")
    func flapping() throws {
        let link = try #require(LinkIdentifier(1))
        var pair = Pair(links: 1)
        var taken = 0
        for turn in 0..<100 {
            let receives = turn.isMultiple(of: 2) ? mcs15 : .least
            pair.hand(
                .linkUp(
                    link,
                    LinkProperties(
                        address: Pair.address(Pair.b, link), frequency: 2412, acknowledgment: .mac,
                        receives: receives)),
                to: Pair.b)
            pair.run(for: .milliseconds(210))
            if turn > 0, changes(&pair)[0] { taken += 1 }
        }
        #expect((1...3).contains(taken), "\(taken) in 21 s")
    }

    /// Asks twice whether the peers' radios are others.
    private func changes(_ pair: inout Pair) -> [Bool] {
        [pair.takePeerRadiosChanged(Pair.a), pair.takePeerRadiosChanged(Pair.a)]
    }
}
