import IEEE80211
import Recording
import SessionCore
import TestSupport
import Testing

@Suite("Replaying")
struct ReplayTests {
    /// What station a of a pair was handed and said while a link died: recorded by handing its core the same again.
    static func recording(seed: UInt64) -> (configuration: EngineConfiguration, items: [RecordedItem]) {
        var configuration = EngineConfiguration(mldAddress: Pair.mldAddress(0), peers: [])
        var pair = Pair(seed: seed) { station, changed in if station == 0 { configuration = changed } }
        var engine = Engine(configuration: configuration, seed: seed)
        var items: [RecordedItem] = []
        let link = pair.run(untilEvent: .established, at: Pair.a)?.link
        // The heartbeats that say that the links are used are over.
        pair.run(for: .milliseconds(20))
        pair.send((0..<20).map { [UInt8($0)] })
        pair.run(for: .milliseconds(30))
        if let link { pair.setDead(link, true) }
        pair.send((20..<40).map { [UInt8($0)] })
        pair.run(untilEvent: .rebuilt, at: Pair.a)
        pair.run(for: .milliseconds(100))
        for (input, instant) in pair.inputs[Pair.a] {
            items.append(.input(input, instant))
            engine.handle(input, now: instant)
            while let output = engine.nextOutput() { items.append(.output(RecordedOutput(output), instant)) }
            items.append(.turnEnd)
        }
        return (configuration, items)
    }

    @Test("the same inputs give the same outputs, whatever the seed", arguments: UInt64(1)...8)
    func identical(seed: UInt64) {
        let (configuration, items) = Self.recording(seed: seed)
        var replay = Replay(configuration: configuration, seed: seed)
        for item in items { replay.take(item) }
        #expect(replay.difference == nil)
        #expect(items.contains { $0.isRebuilt })
        #expect(replay.outputs > 40)
    }

    @Test("a recording that ends anywhere is identical up to there")
    func prefix() {
        let (configuration, items) = Self.recording(seed: 1)
        for count in stride(from: 0, to: items.count, by: 7) {
            var replay = Replay(configuration: configuration, seed: 1)
            for item in items.prefix(count) { replay.take(item) }
            #expect(replay.difference == nil)
        }
    }

    @Test("an output that is missing, changed or too many is the difference, with what came before")
    func difference() throws {
        let (configuration, items) = Self.recording(seed: 1)
        let place = try #require(
            items.firstIndex { $0.isRebuilt })
        for change in 0..<3 {
            var changed = items
            switch change {
            case 0: changed.remove(at: place)
            case 1: changed.insert(items[place], at: place)
            default:
                guard case .output(_, let instant) = items[place] else { break }
                changed[place] = .output(.event(RecordedEvent(kind: "ended")), instant)
            }
            var replay = Replay(configuration: configuration, seed: 1)
            for item in changed { replay.take(item) }
            let difference = try #require(replay.difference)
            #expect(!difference.context.isEmpty)
            #expect(difference.recorded != difference.replayed)
        }
    }

    @Test("with a higher threshold a link would have been held for lost later, or not at all")
    func whatIf() throws {
        let (configuration, items) = Self.recording(seed: 1)
        func lost(_ changed: EngineConfiguration) -> MonotonicInstant? {
            var whatIf = WhatIf(
                configuration: changed, recorded: configuration, seed: 1, fates: WhatIf.fates(of: items))
            for item in items { whatIf.take(item) }
            return whatIf.told.first { $0.event.kind == "linkLost" }?.instant
        }
        let then = try #require(lost(configuration))
        var changed = configuration
        changed.health.failuresUntilLost = 1
        changed.health.minimumDoubt = .zero
        let earlier = try #require(lost(changed))
        #expect(earlier < then)
        changed.health.failuresUntilLost = 1000
        changed.health.silenceTimeout = .seconds(60)
        #expect(lost(changed) == nil)
    }
}

extension RecordedItem {
    fileprivate var isRebuilt: Bool {
        if case .output(.event(let event), _) = self { event.kind == "rebuilt" } else { false }
    }
}
