import IEEE80211

/// A station of an anchor: with it, the kernel or the card chooses the rates of what is injected to its address.
struct AnchorStation: Equatable {
    /// Its address.
    let address: MACAddress
    /// The association ID, `1 ... 2007`.
    let association: UInt16
    /// The legacy rates that it receives, in units of 500 kb/s.
    let rates: [UInt8]
    /// `nil` without HT.
    let capabilities: RadioCapabilities?
}

extension AnchorStation {
    /// A station of which nothing is known: it receives the legacy rates that this radio has and, where this radio has HT, the MCS that
    /// every HT station has.
    init(lowestOf band: WiphyBand, address: MACAddress, association: UInt16) {
        self.init(
            address: address, association: association, rates: band.rates,
            capabilities: band.capabilities == nil ? nil : .least)
    }
}
