import CNetlink
import Glibc
import IEEE80211

/// Operations for an anchor: an access point or an IBSS on an interface beside the monitor, and stations of the former.
extension RadioControl {
    /// Makes an interface of a type; it is down, and goes with this object's socket.
    func makeInterface(_ name: String, on wiphy: Wiphy, type: nl80211_iftype) throws(RadioError) -> WirelessInterface {
        var interface = rl_interface()
        let result = rl_nl80211_new_interface(nl80211, wiphy.index, type.rawValue, name, &interface)
        if result == -EEXIST || result == -ENFILE { throw .interfaceNameTaken(interface: name) }
        try Self.check(result, "make the interface \(name)")
        return WirelessInterface(interface)
    }

    /// Starts an access point.
    func startAccessPoint(_ index: UInt32, name: String, _ beacon: AnchorBeacon) throws(RadioError) {
        let result = AnchorBeacon.ssid.withUnsafeBufferPointer { ssid in
            beacon.head.withUnsafeBufferPointer { head in
                beacon.tail.withUnsafeBufferPointer { tail in
                    var accessPoint = rl_access_point(
                        channel: rl_channel(beacon), ssid: rl_octets(ssid), head: rl_octets(head),
                        tail: rl_octets(tail),
                        beacon_interval: UInt32(AnchorBeacon.interval), dtim_period: 1)
                    return rl_nl80211_start_access_point(nl80211, index, &accessPoint)
                }
            }
        }
        try Self.check(result, "start an access point on \(name) at \(beacon.frequency) MHz", interface: name)
    }

    /// Joins an IBSS that nobody else joins: its BSSID is the interface's address with another last bit.
    func joinIBSS(_ index: UInt32, name: String, _ beacon: AnchorBeacon) throws(RadioError) {
        let bssid = MACAddress(rawValue: beacon.address.rawValue ^ 1 | 1 << 41)
        let octets = (0..<6).map(bssid.octet)
        let result = AnchorBeacon.ssid.withUnsafeBufferPointer { ssid in
            var channel = rl_channel(frequency: UInt32(beacon.frequency), ht: false)
            var ssid = rl_octets(ssid)
            return rl_nl80211_join_ibss(nl80211, index, &channel, &ssid, octets, UInt32(AnchorBeacon.interval))
        }
        try Self.check(result, "join an IBSS on \(name) at \(beacon.frequency) MHz", interface: name)
    }

    /// Adds a station to an access point.
    func addStation(_ index: UInt32, name: String, _ station: AnchorStation) throws(RadioError) {
        var entry = rl_station()
        entry.aid = station.association
        withUnsafeMutableBytes(of: &entry.address) { $0.copyBytes(from: (0..<6).map(station.address.octet)) }
        let rates = station.rates.prefix(MemoryLayout.size(ofValue: entry.rates))
        withUnsafeMutableBytes(of: &entry.rates) { $0.copyBytes(from: rates) }
        entry.rate_count = rates.count
        if let capabilities = station.capabilities {
            entry.has_ht = true
            withUnsafeMutableBytes(of: &entry.ht_capability) {
                $0.copyBytes(from: capabilities.highThroughput.elementBody)
            }
        }
        if let capabilities = station.capabilities?.veryHighThroughput {
            entry.has_vht = true
            withUnsafeMutableBytes(of: &entry.vht_capability) { $0.copyBytes(from: capabilities.elementBody) }
        }
        let result = rl_nl80211_add_station(nl80211, index, &entry)
        try Self.check(result, "add the station \(station.address) to \(name)", interface: name)
    }

    /// Removes a station; one that is gone already is not an error.
    func removeStation(_ index: UInt32, name: String, _ address: MACAddress) throws(RadioError) {
        let result = rl_nl80211_delete_station(nl80211, index, (0..<6).map(address.octet))
        guard result != -ENOENT else { return }
        try Self.check(result, "remove the station \(address) from \(name)", interface: name)
    }

    /// The kernel's report of a station; `nil` when there is none.
    func station(_ index: UInt32, _ address: MACAddress) -> StationReport? {
        var report = rl_station_report()
        guard rl_nl80211_get_station(nl80211, index, (0..<6).map(address.octet), &report) == 0 else { return nil }
        return StationReport(report)
    }
}

extension rl_channel {
    fileprivate init(_ beacon: AnchorBeacon) {
        self.init(frequency: UInt32(beacon.frequency), ht: beacon.hasHighThroughput)
    }
}

extension rl_octets {
    fileprivate init(_ buffer: UnsafeBufferPointer<UInt8>) {
        self.init(octets: buffer.baseAddress, length: buffer.count)
    }
}
