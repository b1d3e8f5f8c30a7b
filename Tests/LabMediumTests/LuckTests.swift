import LabMedium
import Testing

@Suite("What is random")
struct LuckTests {
    private static let tenth = change { ($0.loss, $0.acknowledgmentLoss) = (0.1, 0.1) }

    private static func play(seed: UInt64, busy: Bool = false) throws -> Stage {
        var stage = try Stage(settings: [tenth], seed: seed, links: 2)
        for number in 0..<2000 {
            stage.send(UInt8(number % 251), from: "a", to: "b")
            if busy { stage.send(0, from: "b", to: "a", link: 2) }
            stage.run(for: .microseconds(10))
        }
        return stage
    }

    @Test("the same seed gives the same losses, another seed others")
    func seeds() throws {
        let first = try Self.play(seed: 7)
        #expect(try Self.play(seed: 7).log == first.log)
        #expect(try Self.play(seed: 8).log != first.log)
        #expect(first.medium.counters.seed == 7)
    }

    @Test("what happens on one link does not change the luck of another")
    func independence() throws {
        let quiet = try Self.play(seed: 7)
        let busy = try Self.play(seed: 7, busy: true)
        #expect(busy.direction("b", "a", link: 2)?.frames == 2000)
        #expect(busy.direction("a", "b") == quiet.direction("a", "b"))
        #expect(busy.direction("b", "a") == quiet.direction("b", "a"))
    }

    @Test("frames and acknowledgments get lost as often as asked, each for itself, and every frame is accounted for")
    func shares() throws {
        let stage = try Self.play(seed: 7)
        let there = try #require(stage.direction("a", "b"))
        let back = try #require(stage.direction("b", "a"))
        let sender = try #require(stage.medium.counters.radios.first)
        #expect((150...250).contains(there.lost))
        #expect((130...230).contains(back.acknowledgmentsLost))
        #expect(there.frames == 2000 && there.delivered + there.lost == 2000)
        #expect(back.acknowledgments == there.delivered)
        #expect(sender.acknowledged == there.delivered - back.acknowledgmentsLost)
        #expect(sender.acknowledged + sender.unacknowledged == 2000)
        #expect(stage.log.filter { $0.contains("hears") }.count == there.delivered)
    }
}
