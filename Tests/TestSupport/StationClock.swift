import SessionCore

/// The clock of a station: it began at another instant than the simulation, and is a little fast or slow.
public struct StationClock: Equatable, Codable, Sendable {
    /// The reading when the simulation begins, in nanoseconds.
    public var offset: Int64
    /// Parts per million that it is fast.
    public var drift: Int64

    /// The simulation's own time, unless something else is stated.
    public init(offset: Int64 = 0, drift: Int64 = 0) {
        self.offset = offset
        self.drift = drift
    }

    private static let million: Int64 = 1_000_000

    /// The reading at an instant of the simulation.
    public func reading(at instant: MonotonicInstant) -> MonotonicInstant {
        let time = instant.nanoseconds
        return MonotonicInstant(nanoseconds: offset + time + time / Self.million * drift)
    }

    /// The first instant of the simulation at which it has a reading; the far future stays what it is.
    public func instant(of reading: MonotonicInstant) -> MonotonicInstant {
        guard self != StationClock(), reading.nanoseconds < .max / 2 else { return reading }
        let passed = reading.nanoseconds - offset
        var instant = MonotonicInstant(nanoseconds: passed - passed / (Self.million + drift) * drift)
        while true {
            let missing = reading - self.reading(at: instant)
            guard missing > .zero else { return instant }
            instant = instant + missing
        }
    }
}
