/// The 20 MHz channels of 802.11 and their centre frequencies (IEEE Std 802.11-2020, 17.3.8.4 and Annex E; 802.11ax for 6 GHz).
enum Channel {
    /// The bands, by the names that the configuration uses.
    enum Band: String, CaseIterable {
        case twoPointFour = "2.4"
        case five = "5"
        case six = "6"

        /// The channel numbers of the band.
        var numbers: [Int] {
            switch self {
            case .twoPointFour: Array(1...14)
            case .five:
                Array(stride(from: 32, through: 68, by: 4)) + Array(stride(from: 96, through: 144, by: 4))
                    + Array(stride(from: 149, through: 177, by: 4))
            case .six: [2] + Array(stride(from: 1, through: 233, by: 4))
            }
        }

        /// The centre frequency in MHz of a channel of the band; `nil` when the band has no such channel.
        func frequency(of number: Int) -> UInt16? {
            guard numbers.contains(number) else { return nil }
            return switch (self, number) {
            case (.twoPointFour, 14): 2484
            case (.twoPointFour, _): UInt16(2407 + 5 * number)
            case (.five, _): UInt16(5000 + 5 * number)
            case (.six, 2): 5935
            case (.six, _): UInt16(5950 + 5 * number)
            }
        }
    }

    /// Whether some channel has this centre frequency in MHz.
    static func exists(at frequency: Int) -> Bool {
        Band.allCases.contains { band in
            band.numbers.contains { band.frequency(of: $0).map(Int.init) == frequency }
        }
    }
}
