import SessionCore
import TestSupport
import Testing

@testable import LinkSecurity

@Suite("Replay windows")
struct ReplayWindowTests {
    @Test("each number is new once; what is further behind than the window reaches is too old")
    func edges() {
        var window = ReplayWindow(size: 1024)
        #expect(window.verdict(0) == .tooOld)
        for number: UInt64 in [1, 5000] { window.record(number) }
        #expect(window.verdict(5000) == .repeated)
        #expect(window.verdict(5000 - 1023) == .new)
        #expect(window.verdict(5000 - 1024) == .tooOld)
        #expect(window.verdict(1) == .tooOld)
        #expect(window.verdict(5001) == .new)
        window.record(5000 - 1023)
        #expect(window.verdict(5000 - 1023) == .repeated)
        window.record(1 << 48 - 1)
        #expect(window.verdict(1 << 48 - 1) == .repeated)
        #expect(window.verdict(1 << 48 - 1024) == .new)
    }

    @Test("sizes are rounded up to whole blocks", arguments: [(1, 64), (1024, 1024), (1025, 1088), (4096, 4096)])
    func sizes(wanted: Int, size: UInt64) {
        #expect(ReplayWindow(size: wanted).size == size)
    }

    @Test("it says what a list of all received numbers says, in any order", arguments: [64, 1024, 4096])
    func model(size: Int) {
        let seed = Environment.seed ?? Environment.fresh
        var random = SeededRandom(seed: seed)
        var window = ReplayWindow(size: size)
        var received: Set<UInt64> = []
        var highest: UInt64 = 0
        var centre: UInt64 = 1
        for _ in 0..<20_000 {
            // Mostly within the window around a moving centre, as over links of different delay; sometimes a jump.
            centre += UInt64.random(in: 0...3, using: &random)
            if UInt64.random(in: 0..<500, using: &random) == 0 {
                centre += UInt64.random(in: 0...UInt64(3 * size), using: &random)
            }
            let back = UInt64.random(in: 0...UInt64(size + size / 4), using: &random)
            let number = centre > back ? centre - back : 1
            let expected: ReplayWindow.Verdict =
                if number + UInt64(size) <= highest { .tooOld } else if received.contains(number) { .repeated } else {
                    .new
                }
            let verdict = window.verdict(number)
            #expect(verdict == expected, "RELINK_SEED=\(seed) number \(number) highest \(highest)")
            guard verdict == .new else { continue }
            window.record(number)
            received.insert(number)
            highest = max(highest, number)
        }
    }
}
