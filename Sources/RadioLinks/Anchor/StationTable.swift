import IEEE80211
import SessionCore

/// The stations that an anchor is to have (`RAT-2`): one for the address that nobody has, and one for each peer, bounded. It also decides what
/// becomes of a station that a stranger lets look asleep (`RAT-4`).
struct StationTable {
    /// More than any device has peers on one link; drivers may have room for fewer.
    static let most = 256
    /// The number of times that a station is added anew within `forgeryTime`, before there is none for `pause`: without one, nothing is held back.
    static let mostRenewals = 3
    static let forgeryTime = Duration.seconds(10)
    static let pause = Duration.seconds(60)

    /// Changes to make to the kernel's stations, in this order.
    struct Change: Equatable {
        var removed: [MACAddress] = []
        var added: [AnchorStation] = []
    }

    /// A peer's station.
    private struct Entry {
        var station: AnchorStation
        /// When it was added anew, the latest last.
        var renewals: [MonotonicInstant] = []
        /// There is none until then.
        var barredUntil: MonotonicInstant?
    }

    /// The capabilities of stations of which nothing is known.
    private let band: WiphyBand
    private let absentAddress: MACAddress
    private var entries: [MACAddress: Entry] = [:]

    init(band: WiphyBand, absentAddress: MACAddress) {
        self.band = band
        self.absentAddress = absentAddress
    }

    /// The stations to have, in the order of their association IDs.
    var stations: [AnchorStation] {
        let absent = AnchorStation(lowestOf: band, address: absentAddress, association: 1)
        let peers = entries.values.filter { $0.barredUntil == nil }.map(\.station)
        return [absent] + peers.sorted { $0.association < $1.association }
    }

    /// Takes these radios for the peers', the first ones of too many.
    mutating func replace(by radios: [PeerRadio]) -> Change {
        var wanted: [MACAddress: PeerRadio] = [:]
        var order: [MACAddress] = []
        for radio in radios where !radio.address.isGroup && radio.address != absentAddress && wanted[radio.address] == nil {
            guard order.count < Self.most else { break }
            wanted[radio.address] = radio
            order.append(radio.address)
        }
        var change = Change()
        for entry in entries.values.sorted(by: { $0.station.association < $1.station.association }) {
            let address = entry.station.address
            guard let radio = wanted[address] else {
                entries[address] = nil
                if entry.barredUntil == nil { change.removed.append(address) }
                continue
            }
            let station = station(radio, association: entry.station.association)
            guard station != entry.station else { continue }
            entries[address]?.station = station
            guard entry.barredUntil == nil else { continue }
            // The kernel does not change what an associated station receives.
            change.removed.append(address)
            change.added.append(station)
        }
        for address in order where entries[address] == nil {
            guard let radio = wanted[address], let free = freeAssociation else { break }
            let station = station(radio, association: free)
            entries[address] = Entry(station: station)
            change.added.append(station)
        }
        return change
    }

    /// Somebody let the kernel take a peer for asleep, which no agent ever is.
    mutating func slept(_ address: MACAddress, at now: MonotonicInstant) -> Change {
        guard var entry = entries[address], entry.barredUntil == nil else { return Change() }
        entry.renewals.removeAll { now - $0 > Self.forgeryTime }
        defer { entries[address] = entry }
        guard entry.renewals.count < Self.mostRenewals else {
            entry.renewals = []
            entry.barredUntil = now + Self.pause
            return Change(removed: [address])
        }
        entry.renewals.append(now)
        return Change(removed: [address], added: [entry.station])
    }

    /// The stations for which the pause is over.
    mutating func pauseEnded(at now: MonotonicInstant) -> Change {
        var change = Change()
        for entry in entries.values {
            guard let end = entry.barredUntil, end <= now else { continue }
            entries[entry.station.address]?.barredUntil = nil
            change.added.append(entry.station)
        }
        change.added.sort { $0.association < $1.association }
        return change
    }

    private func station(_ radio: PeerRadio, association: UInt16) -> AnchorStation {
        var capabilities = band.capabilities == nil ? nil : radio.receives ?? .least
        if band.capabilities?.veryHighThroughput == nil { capabilities?.veryHighThroughput = nil }
        return AnchorStation(
            address: radio.address, association: association, rates: band.rates, capabilities: capabilities)
    }

    private var freeAssociation: UInt16? {
        let taken = Set(entries.values.map(\.station.association))
        return (2..<UInt16(2 + Self.most)).first { !taken.contains($0) }
    }
}
