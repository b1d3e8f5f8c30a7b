import IEEE80211
import SessionCore
import TestSupport
import Testing

/// How long the loss of a link that is up but dead interrupts a steady stream, in virtual time: what the thresholds make of it,
/// whatever the machine. The air takes 100 µs a frame.
@Suite struct GapTests {
    static let streams: [(AcknowledgmentSource, perSecond: Int, mostMilliseconds: Int)] = [
        (.mac, 200, 20), (.mac, 1000, 10), (.frame, 200, 60), (.frame, 1000, 60),
    ]

    @Test("REB-1, REB-3: the median gap of thirty losses, none of them loses or doubles anything", arguments: streams)
    func gap(acknowledgment: AcknowledgmentSource, perSecond: Int, mostMilliseconds: Int) {
        var pair = Pair(acknowledgment: acknowledgment)
        pair.run(for: .milliseconds(300))
        let interval = Duration.microseconds(1_000_000 / perSecond)
        var random = SeededRandom(seed: 7)
        var sent = 0
        var gaps: [Duration] = []
        func send(_ count: Int) {
            for _ in 0..<count {
                pair.send(payloads(sent..<sent + 1))
                sent += 1
                pair.run(for: interval)
            }
        }
        for _ in 0..<30 {
            send(perSecond / 2)
            guard let link = pair.status(Pair.a).sessions.first?.link else { break }
            pair.run(
                for: .microseconds(
                    Int64.random(in: 0..<interval.components.attoseconds / 1_000_000_000_000, using: &random)))
            pair.setDead(link, true)
            let cut = pair.trace.count
            send(perSecond / 2)
            gaps.append(longestPause(in: pair, since: cut) - interval)
            pair.setDead(link, false)
        }
        pair.run(for: .seconds(1))
        gaps.sort()
        print(
            "gap: \(acknowledgment), \(perSecond) a second: median \(gaps[gaps.count / 2]), longest \(gaps[gaps.count - 1])"
        )
        #expect(gaps.count == 30)
        #expect(gaps[gaps.count / 2] <= .milliseconds(mostMilliseconds))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<sent))
    }

    private func longestPause(in pair: Pair, since start: Int) -> Duration {
        func isDelivery(_ entry: Pair.Entry) -> Bool {
            if case .deliver = entry.output { entry.station == Pair.b } else { false }
        }
        let before = pair.trace[..<start].last(where: isDelivery)
        let times = ([before].compactMap(\.self) + pair.trace[start...].filter(isDelivery)).map(\.instant)
        return zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? .zero
    }
}
