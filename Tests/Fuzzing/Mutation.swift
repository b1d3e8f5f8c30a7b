/// Random numbers that one seed determines (SplitMix64).
public struct FuzzRandom: RandomNumberGenerator {
    private var state: UInt64

    /// The numbers of one case of a run: any case can be had again without those before it.
    public init(seed: UInt64, number: UInt64) { state = seed &+ number &* 0xd134_2543_de82_ef95 }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func number(below bound: Int) -> Int { bound > 0 ? Int.random(in: 0..<bound, using: &self) : 0 }
}

/// What is done to octets, so that they are nearly what they were.
enum Mutation: CaseIterable {
    case cut, onePercent, flip, odd, remove, double, splice, grow

    /// Numbers that are at the end of something.
    private static let oddities: [UInt64] = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, .max]

    /// Changes some octets, up to so many times.
    static func mutate(_ octets: inout [UInt8], with other: [UInt8], times: Int = 4, _ random: inout FuzzRandom) {
        for _ in 0...random.number(below: times) {
            allCases[random.number(below: allCases.count)].apply(to: &octets, with: other, &random)
        }
    }

    func apply(to octets: inout [UInt8], with other: [UInt8], _ random: inout FuzzRandom) {
        guard !octets.isEmpty else { return octets = Array(other.prefix(random.number(below: 64))) }
        let place = random.number(below: octets.count)
        // Mostly a field, sometimes half of it all.
        let length = min(
            octets.count - place, 1 + random.number(below: random.number(below: 8) == 0 ? octets.count : 16))
        switch self {
        case .cut: octets.removeLast(octets.count - place)
        case .onePercent: Self.changeOnePercent(of: &octets, &random)
        case .flip: octets[place] ^= 1 << UInt8(random.number(below: 8))
        case .odd:
            let value = Self.oddities[random.number(below: Self.oddities.count)]
            let width = min(1 << random.number(below: 4), octets.count - place)
            let isLittle = random.number(below: 2) == 0
            for index in 0..<width {
                let shift = UInt64(8 * (isLittle ? index : width - 1 - index))
                octets[place + index] = UInt8(truncatingIfNeeded: value >> shift)
            }
        case .remove: octets.removeSubrange(place..<place + length)
        case .double: octets.insert(contentsOf: octets[place..<place + length], at: place)
        case .splice:
            let from = random.number(below: other.count)
            octets.replaceSubrange(place..<place + length, with: other[from..<min(other.count, from + length)])
        case .grow:
            octets.insert(contentsOf: (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }, at: place)
        }
    }

    /// Replaces one octet in a hundred, and at least one.
    static func changeOnePercent(of octets: inout [UInt8], _ random: inout FuzzRandom) {
        for _ in 0..<max(1, octets.count / 100) where !octets.isEmpty {
            octets[random.number(below: octets.count)] = UInt8(truncatingIfNeeded: random.next())
        }
    }
}
