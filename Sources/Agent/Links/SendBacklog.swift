import SessionCore

/// Frames that the radio could not take yet, in their order; bounded.
struct SendBacklog {
    /// A frame that waits.
    struct Frame {
        var number: TransmissionNumber
        var mpdu: [UInt8]
    }

    /// How many frames may wait. The core's own time limits take care of those that don't find a place.
    static let capacity = 64

    private(set) var frames: [Frame] = []
    /// How many frames were given up because there was no place for them, or because the radio was gone.
    private(set) var dropped: UInt64 = 0

    var isEmpty: Bool { frames.isEmpty }

    /// Lets a frame wait, or gives it up when too many wait already.
    mutating func append(_ number: TransmissionNumber, _ mpdu: [UInt8]) {
        if frames.count < Self.capacity {
            frames.append(Frame(number: number, mpdu: mpdu))
        } else {
            dropped += 1
        }
    }

    /// Gives up a frame that can't wait.
    mutating func drop() { dropped += 1 }

    /// Gives up all that waits.
    mutating func dropAll() {
        dropped += UInt64(frames.count)
        frames.removeAll()
    }

    /// Offers the frames in their order until one is not taken.
    mutating func drain<Failure>(_ take: (Frame) throws(Failure) -> Bool) throws(Failure) {
        var taken = 0
        defer { frames.removeFirst(taken) }
        for frame in frames {
            guard try take(frame) else { return }
            taken += 1
        }
    }
}
