/// A rate that a radio is ordered to send at.
public enum TransmitRate: Hashable, Sendable {
    /// A legacy rate, in units of 500 kb/s.
    case legacy(UInt8)
    /// HT on 20 MHz with the long guard interval, by its MCS, `0 ... 31`.
    case modulation(UInt8)

    /// The legacy rates of DSSS and OFDM (IEEE Std 802.11-2020, 15.4.4.4 and 17.3.10), in units of 500 kb/s.
    private static let legacyRates: [UInt8] = [2, 4, 11, 22, 12, 18, 24, 36, 48, 72, 96, 108]

    /// Reads `24`, `5.5` (Mb/s) or `MCS 7`; `nil` when it is neither.
    public init?(_ text: String) {
        if text.hasPrefix("MCS ") {
            guard let index = UInt8(text.dropFirst(4)), index < 32 else { return nil }
            self = .modulation(index)
        } else {
            guard let rate = Self.legacyRates.first(where: { Self.legacy($0).text == text }) else { return nil }
            self = .legacy(rate)
        }
    }

    /// The text that `init` reads.
    public var text: String {
        switch self {
        case .legacy(let rate): rate % 2 == 0 ? "\(rate / 2)" : "\(rate / 2).5"
        case .modulation(let index): "MCS \(index)"
        }
    }
}
