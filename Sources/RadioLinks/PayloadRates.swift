import IEEE80211

/// The rates that payloads are ordered to go at, by radiotap: for each receiver the first of a list, and a later one while frames are not
/// acknowledged at it. For cards that heed an ordered rate, and users who want to choose.
struct PayloadRates {
    /// The number of frames in a row that fail before the next rate is taken, and that arrive before the one before is tried again.
    static let failuresDown = 2
    static let successesUp = 64
    /// More receivers than any device has peers.
    static let most = 256
    /// Without an order of tries beside it, a rate has the kernel try once (net/mac80211/tx.c, `ieee80211_parse_tx_radiotap`).
    static let retries: UInt8 = 3

    /// The progress with one receiver.
    private struct Ladder {
        var step = 0
        var failures = 0
        var successes = 0
        /// True until the first report at a rate that was tried again.
        var isOnTrial = false
    }

    /// The radiotap headers, one for each rate.
    private let headers: [[UInt8]]
    private var ladders: [MACAddress: Ladder] = [:]

    /// `nil` without rates.
    init?(_ rates: [TransmitRate], transmitFlags: RadiotapTransmitFlags) {
        guard !rates.isEmpty else { return nil }
        headers = rates.map { rate in
            // Where nobody acknowledges, trying again would only repeat what arrived.
            let retries = transmitFlags.contains(.noAck) ? 0 : Self.retries
            var header = RadiotapTransmitHeader(transmitFlags: transmitFlags, dataRetries: retries)
            switch rate {
            case .legacy(let rate): header.rate = rate
            // Known: bandwidth, MCS index, guard interval (radiotap.org, MCS).
            case .modulation(let index): header.mcs = RadiotapMCS(known: 0x07, flags: 0, index: index)
            }
            return header.serialized()
        }
    }

    /// The radiotap header of the next payload to an address.
    func header(to receiver: MACAddress) -> [UInt8] { headers[ladders[receiver]?.step ?? 0] }

    /// A payload to an address was acknowledged, or was not.
    mutating func reported(to receiver: MACAddress, acknowledged: Bool) {
        if ladders.count >= Self.most, ladders[receiver] == nil { ladders.removeAll() }
        var ladder = ladders[receiver] ?? Ladder()
        defer { ladders[receiver] = ladder }
        if acknowledged {
            ladder.failures = 0
            ladder.isOnTrial = false
            ladder.successes += 1
            guard ladder.successes >= Self.successesUp, ladder.step > 0 else { return }
            ladder = Ladder(step: ladder.step - 1, isOnTrial: true)
        } else {
            ladder.successes = 0
            ladder.failures += 1
            guard ladder.failures >= (ladder.isOnTrial ? 1 : Self.failuresDown), ladder.step + 1 < headers.count else { return }
            ladder = Ladder(step: ladder.step + 1)
        }
    }
}
