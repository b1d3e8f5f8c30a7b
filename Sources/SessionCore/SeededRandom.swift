/// A small deterministic generator (SplitMix64): the same seed gives the same numbers on every machine, which is what replay
/// needs. Not for secrets.
public struct SeededRandom: RandomNumberGenerator, Equatable, Sendable {
    private var state: UInt64

    /// Starts a sequence.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits of the sequence.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits >> 31
    }

    /// `duration`, lengthened or shortened at random by up to a tenth, so that many devices do not fall into step.
    mutating func jittered(_ duration: Duration) -> Duration {
        let nanoseconds = duration.nanoseconds
        let tenth = nanoseconds / 10
        guard tenth > 0 else { return duration }
        return .nanoseconds(nanoseconds + Int64.random(in: -tenth...tenth, using: &self))
    }
}
