import IEEE80211

/// A station of an anchor: with it, the kernel or the card chooses the rates of what is injected to its address.
struct AnchorStation: Equatable {
    /// Its address.
    let address: MACAddress
    /// The association ID, `1 ... 2007`.
    let association: UInt16
    /// The legacy rates that it receives, in units of 500 kb/s.
    let rates: [UInt8]
    /// The content of its HT Capabilities element; `nil` without HT.
    let highThroughput: [UInt8]?
}

extension AnchorStation {
    /// A station of which nothing is known: it receives the legacy rates that this radio has and, where this radio has HT, the MCS that
    /// every HT station has, 0 to 7, with no option and no power save (IEEE Std 802.11-2020, 19.1.1).
    init(lowestOf band: WiphyBand, address: MACAddress, association: UInt16) {
        let lowest = WiphyBand.HighThroughput(information: 0x0c, aggregation: 0, modulations: [0xff])
        self.init(
            address: address, association: association, rates: band.rates,
            highThroughput: band.highThroughput == nil ? nil : lowest.element)
    }
}
