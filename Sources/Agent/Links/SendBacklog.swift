import RadioLinks
import SessionCore

/// Frames on their way to a radio, in their order: those of this turn, and those that it could not take yet; bounded.
struct SendBacklog {
    /// How many frames may wait. The core's own time limits take care of those that don't find a place.
    static let capacity = 64

    private(set) var frames = FrameBatch()
    /// Whether the radio had no room for the first one.
    private(set) var isRefused = false
    /// How many frames were given up because there was no place for them, or because the radio was gone.
    private(set) var dropped: UInt64 = 0

    /// Lets a frame wait, or gives it up when too many wait already.
    mutating func append(_ number: TransmissionNumber, _ mpdu: Span<UInt8>) {
        if frames.count < Self.capacity { frames.append(number, mpdu) } else { dropped += 1 }
    }

    /// Gives up a frame that can't wait.
    mutating func drop() { dropped += 1 }

    /// Gives up the first frame that waits: it can't be sent.
    mutating func dropFirst() {
        dropped += 1
        frames.removeFirst(1)
    }

    /// Gives up all that waits.
    mutating func dropAll() {
        dropped += UInt64(frames.count)
        frames.removeAll()
        isRefused = false
    }

    /// Notes how many of the first frames the radio took.
    mutating func taken(_ count: Int) {
        frames.removeFirst(count)
        isRefused = count == 0
    }
}
