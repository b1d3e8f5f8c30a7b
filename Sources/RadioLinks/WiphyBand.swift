import CNetlink
import IEEE80211

/// The capabilities of a radio in one band.
struct WiphyBand: Equatable {
    /// The legacy rates, in units of 500 kb/s.
    var rates: [UInt8]
    /// Its capabilities beyond these; `nil` where it has no HT.
    var capabilities: RadioCapabilities?

    init(rates: [UInt8], capabilities: RadioCapabilities? = nil) {
        self.rates = rates
        self.capabilities = capabilities
    }

    /// The capabilities of every radio at a centre frequency in MHz: OFDM, and at 2.4 GHz DSSS too.
    init(at frequency: UInt16) {
        let ofdm: [UInt8] = [12, 18, 24, 36, 48, 72, 96, 108]
        self.init(rates: Channel.place(of: frequency)?.band == .twoPointFour ? [2, 4, 11, 22] + ofdm : ofdm)
    }

    /// The capabilities that the kernel reports.
    init(_ band: rl_band) {
        rates = withUnsafeBytes(of: band.rates) { Array($0.prefix(band.rate_count)) }
        guard band.has_ht else { return }
        let highThroughput = HTCapabilities(
            information: band.ht_capability, aggregation: band.ht_ampdu_parameters,
            modulations: withUnsafeBytes(of: band.ht_mcs_set) { Array($0) })
        // Some drivers report VHT at 2.4 GHz, where the standard has none.
        let hasVHT = band.has_vht && band.band == NL80211_BAND_5GHZ.rawValue
        capabilities = RadioCapabilities(
            highThroughput,
            veryHighThroughput: hasVHT
                ? VHTCapabilities(
                    information: band.vht_capability,
                    modulations: withUnsafeBytes(of: band.vht_mcs_set) { Array($0) }) : nil)
    }
}

extension Wiphy {
    /// The radio's capabilities at a centre frequency in MHz; `nil` where the kernel reports nothing.
    func band(at frequency: UInt16) -> WiphyBand? {
        switch Channel.place(of: frequency)?.band {
        case .twoPointFour: bands[NL80211_BAND_2GHZ.rawValue]
        case .five: bands[NL80211_BAND_5GHZ.rawValue]
        case .six: bands[NL80211_BAND_6GHZ.rawValue]
        case nil: nil
        }
    }
}
