/// What an interface's timestamps in a pcapng file count, and from when (options `if_tsresol` and `if_tsoffset`).
struct PcapngClock: Equatable {
    /// `if_tsresol`: units in a second, as a power of ten, or of two when the highest bit is set.
    var resolution: UInt8 = 6
    /// `if_tsoffset`: seconds to add.
    var offset: Int64 = 0

    private static let resolutionOption: UInt16 = 9
    private static let offsetOption: UInt16 = 14

    /// Makes a clock.
    init(resolution: UInt8 = 6, offset: Int64 = 0) {
        self.resolution = resolution
        self.offset = offset
    }

    /// Finds the clock in the options that stand from `start` on; options that are cut short end the search.
    init(options: PcapngOptions) {
        if let place = options.place(of: Self.resolutionOption, length: 1) { resolution = options.octets[place] }
        if let place = options.place(of: Self.offsetOption, length: 8) {
            offset = options.order.number(options.octets, at: place)
        }
    }

    /// Nanoseconds since 1970 for a timestamp; `nil` when they can't be held.
    func nanoseconds(_ timestamp: UInt64) -> UInt64? {
        guard let unit = unitsPerSecond else { return nil }
        let seconds = timestamp / unit
        let fraction = unit.dividingFullWidth((timestamp % unit).multipliedFullWidth(by: 1_000_000_000)).quotient
        guard let shifted = UInt64(exactly: Int128(seconds) + Int128(offset)) else { return nil }
        let (whole, overflow) = shifted.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, sumOverflow) = whole.addingReportingOverflow(fraction)
        return overflow || sumOverflow ? nil : sum
    }

    /// Units in a second; `nil` when they can't be held.
    private var unitsPerSecond: UInt64? {
        let exponent = Int(resolution & 0x7f)
        if resolution & 0x80 != 0 { return exponent < 64 ? 1 << UInt64(exponent) : nil }
        return exponent < 20 ? (0..<exponent).reduce(1) { units, _ in units * 10 } : nil
    }
}
