import SessionCore
import VirtualAir

/// What happens to what one radio sends on its way to another one of the same link.
struct DirectionSettings: Equatable {
    var isCut = false
    var loss = 0.0
    var acknowledgmentLoss = 0.0
    var handsOver = true
    var selector = FrameSelector()
    var delay: Duration = .zero
    var jitter: Duration = .zero
    var reorders = false

    /// Takes over what a change says.
    mutating func apply(_ change: Change) {
        isCut = change.cut ?? isCut
        loss = change.loss ?? loss
        acknowledgmentLoss = change.acknowledgmentLoss ?? acknowledgmentLoss
        handsOver = change.handsOver ?? handsOver
        selector.kinds = change.kinds ?? selector.kinds
        selector.longerThan = change.longerThan ?? selector.longerThan
        delay = change.delayMicroseconds.map { .microseconds($0) } ?? delay
        jitter = change.jitterMicroseconds.map { .microseconds($0) } ?? jitter
        reorders = change.reorders ?? reorders
    }
}

/// How a link goes over the air.
struct LinkSettings: Equatable {
    let section: LinkSection
    /// 0: frames take no time.
    var bitsPerSecond: Int64 = 0
    var retries = 0

    init(section: LinkSection) { self.section = section }

    /// Takes over what a change says.
    mutating func apply(_ change: Change) {
        bitsPerSecond = change.bitsPerSecond ?? bitsPerSecond
        retries = change.retries ?? retries
    }

    /// How long some octets are on the air.
    func airtime(of octets: Int) -> Duration {
        guard bitsPerSecond > 0 else { return .zero }
        let bits = Int64(octets) * 8
        return .nanoseconds((bits * 1_000_000_000 + bitsPerSecond - 1) / bitsPerSecond)
    }
}

extension Change {
    private static let longest: Int64 = 60_000_000

    /// Refuses values that can't be meant.
    func check() throws(ScriptError) {
        for (setting, value) in [("loss", loss), ("acknowledgmentLoss", acknowledgmentLoss)] {
            if let value, !(0...1).contains(value) { throw .outOfRange(setting: setting) }
        }
        for (setting, value) in [
            ("delayMicroseconds", delayMicroseconds), ("jitterMicroseconds", jitterMicroseconds),
        ] {
            if let value, !(0...Self.longest).contains(value) { throw .outOfRange(setting: setting) }
        }
        if let bitsPerSecond, !(0...1_000_000_000_000).contains(bitsPerSecond) {
            throw .outOfRange(setting: "bitsPerSecond")
        }
        if let longerThan, !(0...65535).contains(longerThan) { throw .outOfRange(setting: "longerThan") }
        if let retries, !(0...255).contains(retries) { throw .outOfRange(setting: "retries") }
        let isOfDirection = from != nil || to != nil
        if isOfDirection && bitsPerSecond != nil { throw .notOfDirections(setting: "bitsPerSecond") }
        if isOfDirection && retries != nil { throw .notOfDirections(setting: "retries") }
    }
}
