import EventLoop
import Testing

extension EventLoop {
    /// Runs turn after turn until `condition` holds. A loop to which nothing happens any more for ten seconds fails the test
    /// instead of hanging it.
    func turn(until condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let work = onIdle
        defer { onIdle = work }
        var isStuck = false
        onDeadline = { isStuck = true }
        onIdle = { [unowned self] in
            work()
            stop()
        }
        while !condition() {
            try setDeadline(MonotonicClock.nanoseconds + 10_000_000_000)
            try run()
            if isStuck {
                Issue.record("nothing happens any more", sourceLocation: sourceLocation)
                return
            }
        }
        try setDeadline(nil)
    }
}
