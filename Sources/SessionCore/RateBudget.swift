/// How many frames of a kind are looked at: a number a second, and some at once after a pause.
struct RateBudget: Equatable {
    private let perSecond: Int64
    private let atOnce: Int64
    private var left: Int64
    private var since = MonotonicInstant(nanoseconds: 0)

    /// - Parameter atOnce: how many after a pause; `nil` is as many as in a second.
    init(perSecond: Int, atOnce: Int? = nil) {
        self.perSecond = Int64(perSecond)
        self.atOnce = Int64(atOnce ?? perSecond)
        left = self.atOnce
    }

    /// Takes one, if one is left.
    mutating func take(at now: MonotonicInstant) -> Bool {
        let gained = min((now - since).nanoseconds / (1_000_000_000 / perSecond), perSecond)
        if gained > 0 {
            left = min(atOnce, left + gained)
            since = now
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
