import IEEE80211
import SessionCore
import Testing

@testable import RadioLinks

@Suite("Which stations an anchor has")
struct StationTableTests {
    private static let absent = MACAddress(rawValue: 0x0252_4c01_0063)
    private let mcs15 = RadioCapabilities(
        HTCapabilities(information: 0x3c, aggregation: 0x1b, modulations: [0xff, 0xff]))
    private let rates: [UInt8] = [2, 4, 11, 22]
    private var table: StationTable {
        StationTable(band: WiphyBand(rates: rates, capabilities: mcs15), absentAddress: Self.absent)
    }

    private func address(_ number: UInt64) -> MACAddress { MACAddress(rawValue: 0x0252_4c01_1000 + number) }
    private func instant(_ seconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
    }

    @Test("RAT-2: a peer comes with what every HT radio receives, and with what its radio receives once that is known")
    func learn() {
        var table = table
        let first = table.replace(by: [PeerRadio(address: address(1))])
        let unknown = AnchorStation(address: address(1), association: 2, rates: rates, capabilities: .least)
        #expect(first == StationTable.Change(added: [unknown]))
        let second = table.replace(by: [PeerRadio(address: address(1), receives: mcs15)])
        let known = AnchorStation(address: address(1), association: 2, rates: rates, capabilities: mcs15)
        #expect(second == StationTable.Change(removed: [address(1)], added: [known]))
        let third = table.replace(by: [PeerRadio(address: address(1), receives: mcs15)])
        #expect(third == StationTable.Change())
        #expect(table.stations.map(\.address) == [Self.absent, address(1)])
    }

    @Test("RAT-2: a peer that is gone goes, and its association ID is free again")
    func gone() {
        var table = table
        _ = table.replace(by: [PeerRadio(address: address(1)), PeerRadio(address: address(2))])
        let change = table.replace(by: [PeerRadio(address: address(2)), PeerRadio(address: address(3))])
        #expect(change.removed == [address(1)])
        #expect(change.added.map(\.address) == [address(3)])
        #expect(change.added.map(\.association) == [2])
    }

    @Test("groups, the absent address, and what is there twice are left out; there is a limit")
    func bounded() {
        var table = table
        let group = MACAddress(rawValue: 0x0100_5e00_0001)
        let radios = [group, Self.absent, address(1), address(1)] + (2...400).map(address)
        let change = table.replace(by: radios.map { PeerRadio(address: $0) })
        #expect(change.added.count == StationTable.most)
        #expect(Set(change.added.map(\.association)).count == StationTable.most)
        #expect(change.added.first?.address == address(1))
        #expect(change.added.allSatisfy { (2...2007).contains($0.association) })
    }

    @Test("RAT-5: a peer is a station with VHT where both radios have it, and with HT where one has HT alone")
    func veryHighThroughput() throws {
        let veryHighThroughput = try #require(
            VHTCapabilities(information: 0x0380_0011, modulations: [0xfa, 0xff, 0, 0, 0xfa, 0xff, 0, 0]))
        let both = RadioCapabilities(mcs15.highThroughput, veryHighThroughput: veryHighThroughput)
        func added(own: RadioCapabilities, peer: RadioCapabilities?) -> [RadioCapabilities?] {
            var table = StationTable(
                band: WiphyBand(rates: rates, capabilities: own), absentAddress: Self.absent)
            return table.replace(by: [PeerRadio(address: address(1), receives: peer)]).added.map(\.capabilities)
        }
        #expect(added(own: both, peer: both) == [both])
        #expect(added(own: both, peer: mcs15) == [mcs15])
        #expect(added(own: mcs15, peer: both) == [mcs15])
        #expect(added(own: both, peer: nil) == [.least])
    }

    @Test("without HT of its own a radio has stations without HT")
    func legacy() {
        var table = StationTable(band: WiphyBand(rates: rates), absentAddress: Self.absent)
        let change = table.replace(by: [PeerRadio(address: address(1), receives: mcs15)])
        #expect(change.added.map(\.capabilities) == [nil])
    }

    @Test("RAT-4: a peer that looks asleep is added anew; after three times in ten seconds it has no entry for a minute")
    func sleep() {
        var table = table
        _ = table.replace(by: [PeerRadio(address: address(1), receives: mcs15)])
        let renewed = StationTable.Change(
            removed: [address(1)],
            added: [AnchorStation(address: address(1), association: 2, rates: rates, capabilities: mcs15)])
        for second in 0..<3 {
            let change = table.slept(address(1), at: instant(Int64(second)))
            #expect(change == renewed)
        }
        let fourth = table.slept(address(1), at: instant(3))
        #expect(fourth == StationTable.Change(removed: [address(1)]))
        #expect(table.stations.map(\.address) == [Self.absent])
        let barred = table.slept(address(1), at: instant(4))
        #expect(barred == StationTable.Change())
        let early = table.pauseEnded(at: instant(62))
        #expect(early == StationTable.Change())
        let back = table.pauseEnded(at: instant(63))
        #expect(back == StationTable.Change(added: renewed.added))
        let again = table.slept(address(1), at: instant(64))
        #expect(again == renewed)
    }

    @Test("RAT-4: an address of no peer changes nothing, and rare forgeries cost one renewal each")
    func rare() {
        var table = table
        _ = table.replace(by: [PeerRadio(address: address(1))])
        let unknown = table.slept(address(2), at: instant(0))
        #expect(unknown == StationTable.Change())
        for minute in 0..<10 {
            let change = table.slept(address(1), at: instant(Int64(60 * minute)))
            #expect(change.added.count == 1)
        }
    }

    @Test("a peer that is barred comes back with what it receives by then, or not at all when it is gone")
    func barred() {
        var table = table
        _ = table.replace(by: [PeerRadio(address: address(1)), PeerRadio(address: address(2))])
        for _ in 0...StationTable.mostRenewals {
            _ = table.slept(address(1), at: instant(0))
            _ = table.slept(address(2), at: instant(0))
        }
        let change = table.replace(by: [PeerRadio(address: address(1), receives: mcs15)])
        #expect(change == StationTable.Change())
        let back = table.pauseEnded(at: instant(60)).added
        #expect(back.map(\.address) == [address(1)])
        #expect(back.map(\.capabilities) == [mcs15])
    }
}
