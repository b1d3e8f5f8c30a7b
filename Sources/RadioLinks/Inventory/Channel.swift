/// The 20 MHz channels of 802.11 and their centre frequencies (IEEE Std 802.11-2020, 17.3.8.4 and Annex E; 802.11ax for 6 GHz).
public enum Channel {
    /// The bands, by the names that the configuration uses.
    public enum Band: String, CaseIterable, Codable, Sendable {
        /// Channels 1 to 14, from 2412 MHz on.
        case twoPointFour = "2.4"
        /// Channels 32 to 177, from 5160 MHz on.
        case five = "5"
        /// Channels 1 to 233, from 5935 MHz on.
        case six = "6"

        /// The channel numbers of the band.
        public var numbers: [Int] {
            switch self {
            case .twoPointFour: Array(1...14)
            case .five:
                Array(stride(from: 32, through: 68, by: 4)) + Array(stride(from: 96, through: 144, by: 4))
                    + Array(stride(from: 149, through: 177, by: 4))
            case .six: [2] + Array(stride(from: 1, through: 233, by: 4))
            }
        }

        /// The centre frequency in MHz of a channel of the band; `nil` when the band has no such channel.
        public func frequency(of number: Int) -> UInt16? {
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
    public static func exists(at frequency: Int) -> Bool {
        UInt16(exactly: frequency).flatMap(place) != nil
    }

    /// The band and the number of the channel with this centre frequency in MHz; `nil` when there is none.
    public static func place(of frequency: UInt16) -> (band: Band, number: Int)? {
        for band in Band.allCases {
            if let number = band.numbers.first(where: { band.frequency(of: $0) == frequency }) { return (band, number) }
        }
        return nil
    }

    /// The centre frequency in MHz of a channel whose band is not said: up to 14 at 2.4 GHz, above at 5 GHz.
    public static func frequency(of number: Int, band: Band? = nil) -> UInt16? {
        (band ?? (number <= 14 ? .twoPointFour : .five)).frequency(of: number)
    }
}
