/// The number of a payload within its session. 32 bits: at 30,000 frames per second it wraps after 39
/// hours, and the half of the space that tells old from new lasts far longer than any retention time.
public struct SequenceNumber: Hashable, Sendable {
    /// The number; it wraps.
    public let rawValue: UInt32

    /// Makes a sequence number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// How far `number` lies ahead of this one, `Int32.min ... Int32.max`; negative when it lies behind. Modular.
    public func distance(to number: SequenceNumber) -> Int {
        Int(Int32(bitPattern: number.rawValue &- rawValue))
    }

    /// The number `distance` ahead of this one (behind it, when negative). Modular.
    public func advanced(by distance: Int) -> SequenceNumber {
        SequenceNumber(rawValue: rawValue &+ UInt32(truncatingIfNeeded: distance))
    }
}
