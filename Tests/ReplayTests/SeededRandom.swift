import Foundation

/// Random numbers that one seed determines (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// The same numbers for the same capture, in whatever order the tests run.
    init(of name: String) {
        self.init(seed: name.utf8.reduce(Self.seedOfThisRun) { ($0 &* 31) &+ UInt64($1) })
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// The seed of this run: RELINK_SEED, or another one each time. It is printed, to run the same again.
    static let seedOfThisRun: UInt64 = {
        let given = ProcessInfo.processInfo.environment["RELINK_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0...UInt64.max)
        print("ReplayTests: RELINK_SEED=\(seed)")
        return seed
    }()
}
