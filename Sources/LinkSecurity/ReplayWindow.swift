/// Which packet numbers of a key have been received: a bitmap that slides along with the highest (as in RFC 6479). Numbers may
/// come out of order by as much as the window is wide. Its memory is allocated once.
struct ReplayWindow {
    enum Verdict: Equatable {
        /// Not seen yet.
        case new
        /// Seen before.
        case repeated
        /// So far behind the highest that nobody knows any more.
        case tooOld
    }

    /// How many numbers below the highest are still told apart: a multiple of 64.
    let size: UInt64
    /// The bits of the blocks of 64 numbers around the highest; one block more than the window, so that it always fits.
    private var blocks: [UInt64]
    private(set) var highest: UInt64 = 0

    /// Makes a window for at least `size` numbers.
    init(size: Int) {
        let count = max(1, (size + 63) / 64)
        self.size = UInt64(count) * 64
        blocks = [UInt64](repeating: 0, count: count + 1)
    }

    /// What is known of a number. Numbers count from 1; 0 is never sent.
    func verdict(_ number: UInt64) -> Verdict {
        if number == 0 { return .tooOld }
        if number > highest { return .new }
        if highest - number >= size { return .tooOld }
        return blocks[index(number)] >> (number & 63) & 1 == 0 ? .new : .repeated
    }

    /// Takes a new number down; only after its frame has proved authentic, or a forger could push the window away.
    mutating func record(_ number: UInt64) {
        if number > highest {
            let newBlocks = min(number / 64 - highest / 64, UInt64(blocks.count))
            for step in 0..<newBlocks { blocks[index(number - step * 64)] = 0 }
            highest = number
        }
        blocks[index(number)] |= 1 << (number & 63)
    }

    private func index(_ number: UInt64) -> Int { Int(number / 64 % UInt64(blocks.count)) }
}
