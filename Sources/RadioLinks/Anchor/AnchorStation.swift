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
