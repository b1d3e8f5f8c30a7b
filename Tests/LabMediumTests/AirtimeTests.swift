import LabMedium
import SessionCore
import Testing

@Suite("How long frames take")
struct AirtimeTests {
    /// 100 octets in all: 82 of the frame, 4 of its check sequence, 14 of the acknowledgment.
    private static let octets = 82
    /// 100 octets take a millisecond.
    private static let rate = change { $0.bitsPerSecond = 800_000 }

    @Test("one frame at a time, and a sender is told when its frame's time is over")
    func oneAtATime() throws {
        var stage = try Stage(settings: [Self.rate])
        stage.send(1, from: "a", to: "b", octets: Self.octets)
        stage.send(2, from: "a", to: "b", octets: Self.octets)
        stage.send(3, from: "b", to: "a", octets: Self.octets)
        stage.run()
        #expect(
            stage.log == [
                "1000 b hears 1", "1000 a told 1 acknowledged after 1", "2000 b hears 2",
                "2000 a told 2 acknowledged after 1", "3000 a hears 3", "3000 b told 3 acknowledged after 1",
            ])
        #expect(stage.medium.counters.radios.map(\.airtimeMicroseconds) == [2000, 1000])
    }

    @Test("a link that is not shared has a queue for each radio")
    func notShared() throws {
        var stage = try Stage(settings: [Self.rate], shared: false)
        stage.send(1, from: "a", to: "b", octets: Self.octets)
        stage.send(2, from: "b", to: "a", octets: Self.octets)
        stage.run()
        #expect(stage.log.filter { $0.contains("hears") } == ["1000 b hears 1", "1000 a hears 2"])
    }

    @Test("links do not wait for each other")
    func links() throws {
        var stage = try Stage(settings: [Self.rate], links: 2)
        stage.send(1, from: "a", to: "b", link: 1, octets: Self.octets)
        stage.send(2, from: "a", to: "b", link: 2, octets: Self.octets)
        stage.run()
        #expect(stage.log.filter { $0.contains("hears") } == ["1000 b hears 1", "1000 b hears 2"])
    }

    @Test("retries take time, and go before what waits")
    func retries() throws {
        var stage = try Stage(
            settings: [Self.rate, change { $0.retries = 1 }, change(from: "b") { $0.acknowledgmentLoss = 1 }])
        stage.send(1, from: "a", to: "b", octets: Self.octets)
        stage.send(2, from: "a", to: "b", octets: Self.octets)
        stage.run(for: .milliseconds(3))
        #expect(
            stage.log == [
                "1000 b hears 1", "2000 b hears 1 again", "2000 a told 1 not acknowledged after 2", "3000 b hears 2",
            ])
    }

    @Test("of too many frames that wait the oldest go, as hwsim has it")
    func queue() throws {
        var stage = try Stage(settings: [Self.rate])
        for number in 0...Medium.queueLimit { stage.send(UInt8(number), from: "a", to: "b", octets: Self.octets) }
        stage.run()
        let heard = stage.log.filter { $0.contains("hears") }
        #expect(heard.count == Medium.queueFloor)
        #expect(heard.first == "1000 b hears 0" && heard.dropFirst().first == "2000 b hears 102")
        #expect(stage.medium.counters.radios[0].dropped == 101)
    }

    @Test("a delay comes after the time on the air, and the sender need not wait for it")
    func delay() throws {
        var stage = try Stage(settings: [Self.rate, change { $0.delayMicroseconds = 5000 }])
        stage.send(1, from: "a", to: "b", octets: Self.octets)
        stage.run()
        #expect(stage.log == ["1000 a told 1 acknowledged after 1", "6000 b hears 1"])
    }

    @Test("with a delay, a radio that has refused a frame acknowledges none until it takes one")
    func delayAndDeafness() throws {
        var stage = try Stage(settings: [change { $0.delayMicroseconds = 1000 }])
        stage.deaf = ["b"]
        stage.send(1, from: "a", to: "b")
        stage.run(for: .milliseconds(2))
        stage.send(2, from: "a", to: "b")
        stage.deaf = []
        stage.run(for: .milliseconds(2))
        stage.send(3, from: "a", to: "b")
        stage.run()
        #expect(stage.log.filter { $0.contains("told") }.map { $0.contains("not") } == [false, true, false])
    }

    @Test("jitter reorders frames of different links, and of one direction only when asked", arguments: [false, true])
    func jitter(reorders: Bool) throws {
        var stage = try Stage(
            settings: [change { ($0.delayMicroseconds, $0.jitterMicroseconds, $0.reorders) = (100, 5000, reorders) }],
            links: 2)
        for number in 0..<100 {
            stage.send(UInt8(number), from: "a", to: "b", link: 1 + number % 2)
            stage.run(for: .microseconds(50))
        }
        stage.run()
        let heard = stage.log.filter { $0.contains("hears") }.compactMap { $0.split(separator: " ").last }.compactMap {
            UInt8($0)
        }
        #expect(heard.count == 100)
        #expect(heard != heard.sorted())
        for link in 0...1 {
            let ofLink = heard.filter { Int($0) % 2 == link }
            #expect((ofLink == ofLink.sorted()) == !reorders)
        }
    }
}
