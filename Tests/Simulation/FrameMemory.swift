import SessionCore

/// The last frames on the air, for somebody who sends them again.
struct FrameMemory {
    private var frames: [(mpdu: [UInt8], link: LinkIdentifier)] = []
    private var next = 0

    private static let most = 256

    mutating func add(_ mpdu: [UInt8], on link: LinkIdentifier) {
        if frames.count < Self.most {
            frames.append((mpdu, link))
        } else {
            frames[next] = (mpdu, link)
            next = (next + 1) % Self.most
        }
    }

    func draw(_ luck: inout SeededRandom) -> ([UInt8], LinkIdentifier)? {
        guard let frame = frames.randomElement(using: &luck) else { return nil }
        return (frame.mpdu, frame.link)
    }
}
