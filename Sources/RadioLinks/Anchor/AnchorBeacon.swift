import IEEE80211

/// The beacon of an access point that serves nobody: no SSID, the privacy bit, the rates, the channel, and HT and VHT where the radio has them.
struct AnchorBeacon: Equatable {
    /// The access point's address.
    let address: MACAddress
    /// Centre frequency of its 20 MHz channel, in MHz.
    let frequency: UInt16
    /// The legacy rates, in units of 500 kb/s.
    private let rates: [UInt8]
    /// `nil` without HT.
    private let capabilities: RadioCapabilities?

    /// The SSID, which no beacon shows.
    static let ssid = [UInt8]("relink".utf8)
    /// Between two beacons, in TU (1,024 µs).
    static let interval: UInt16 = 1000

    /// Which rates every station of a BSS has to have (IEEE Std 802.11-2020, 15.2.3 and 17.3.8.2), in units of 500 kb/s.
    private static let mandatoryRates: [Channel.Band: Set<UInt8>] = [
        .twoPointFour: [2, 4, 11, 22], .five: [12, 24, 48], .six: [12, 24, 48],
    ]

    /// The beacon of an access point with what the radio can do in the band.
    init(address: MACAddress, frequency: UInt16, band: WiphyBand) {
        self.address = address
        self.frequency = frequency
        rates = band.rates
        // At 6 GHz there is no HT (IEEE Std 802.11ax-2021, 27.1.1).
        let hasHT = Channel.place(of: frequency)?.band != .six
        capabilities = hasHT ? band.capabilities?.on20MHz : nil
    }

    /// True if the channel is an HT one.
    var hasHighThroughput: Bool { capabilities != nil }

    /// The part before the TIM element: header, fixed fields, SSID, the first eight rates, DSSS Parameter Set.
    var head: [UInt8] {
        let own = (0..<6).map(address.octet)
        var octets: [UInt8] = [0x80, 0, 0, 0] + [UInt8](repeating: 0xff, count: 6) + own + own + [0, 0]
        // The kernel writes the time.
        octets += [UInt8](repeating: 0, count: 8)
        octets += [UInt8(Self.interval & 0xff), UInt8(Self.interval >> 8)]
        // ESS, Privacy; at 2.4 GHz Short Slot Time.
        octets += [0x11, isTwoPointFour ? 0x04 : 0]
        octets += Self.element(0, [])
        octets += Self.element(1, Array(markedRates.prefix(8)))
        if isTwoPointFour { octets += Self.element(3, [channel]) }
        return octets
    }

    /// The part behind the TIM element: ERP, the other rates, HT Capabilities, HT Operation, and the same for VHT.
    var tail: [UInt8] {
        var octets: [UInt8] = []
        if isTwoPointFour { octets += Self.element(42, [0]) }
        if markedRates.count > 8 { octets += Self.element(50, Array(markedRates.dropFirst(8))) }
        if let capabilities {
            octets += Self.element(HTCapabilities.elementID, capabilities.highThroughput.elementBody)
            octets += Self.element(61, [channel] + [UInt8](repeating: 0, count: 21))
        }
        if let veryHighThroughput = capabilities?.veryHighThroughput {
            octets += Self.element(VHTCapabilities.elementID, veryHighThroughput.elementBody)
            // 20 MHz as in HT Operation, and of all stations MCS 0 to 7 with one stream.
            octets += Self.element(192, [0, 0, 0, 0xfc, 0xff])
        }
        return octets
    }

    private var place: (band: Channel.Band, number: Int)? { Channel.place(of: frequency) }
    private var isTwoPointFour: Bool { place?.band == .twoPointFour }
    private var channel: UInt8 { UInt8(truncatingIfNeeded: place?.number ?? 0) }

    /// The rates, the mandatory ones with the bit of a basic rate.
    private var markedRates: [UInt8] {
        let mandatory = place.flatMap { Self.mandatoryRates[$0.band] } ?? []
        return rates.map { mandatory.contains($0) ? $0 | 0x80 : $0 }
    }

    private static func element(_ identifier: UInt8, _ body: [UInt8]) -> [UInt8] {
        [identifier, UInt8(truncatingIfNeeded: body.count)] + body
    }
}
