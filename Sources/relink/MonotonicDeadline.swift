/// An instant in the future, by the monotonic clock.
struct MonotonicDeadline {
    private let instant: ContinuousClock.Instant

    init(seconds: Double) { instant = .now + .seconds(seconds) }

    var isOver: Bool { instant <= .now }
}
