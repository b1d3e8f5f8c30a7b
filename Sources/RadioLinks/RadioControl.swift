import CNetlink
import Glibc
import IEEE80211

/// Asks the kernel about radios and interfaces, and has it change them: nl80211 and rtnetlink, in the network namespace
/// that the process was in when this was made. Every function is one request and throws what the kernel answers.
final class RadioControl {
    let nl80211: OpaquePointer?
    private let link: OpaquePointer

    init() throws(RadioError) {
        var handle: OpaquePointer?
        try Self.check(rl_link_open(&handle), "open an rtnetlink socket")
        guard let opened = handle else { throw .refused(action: "open an rtnetlink socket", code: ENOMEM) }
        link = opened
        var wireless: OpaquePointer?
        let result = rl_nl80211_open(&wireless)
        nl80211 = wireless
        // A kernel without nl80211 is one without radios: `wiphys` is empty then.
        if result != -ENOENT { try Self.check(result, "open an nl80211 socket") }
    }

    deinit {
        rl_nl80211_close(nl80211)
        rl_link_close(link)
    }

    /// Whether the kernel has nl80211 at all.
    var hasWireless: Bool { nl80211 != nil }

    /// All radios, in the order of their numbers.
    func wiphys() throws(RadioError) -> [Wiphy] {
        guard nl80211 != nil else { return [] }
        var wiphys: [UInt32: Wiphy] = [:]
        let result = withUnsafeMutablePointer(to: &wiphys) { wiphys in
            var visitor = rl_wiphy_visitor(
                context: wiphys,
                name: { context, index, name in
                    guard let name else { return }
                    change(context, index) { $0.name = String(cString: name) }
                },
                features: { context, index, features in change(context, index) { $0.features = features } },
                interface_type: { context, index, type in
                    change(context, index) { _ = $0.interfaceTypes.insert(type) }
                },
                band: { context, index, band in
                    guard let band else { return }
                    change(context, index) { $0.bands[band.pointee.band] = WiphyBand(band.pointee) }
                },
                frequency: { context, index, frequency in
                    guard let frequency else { return }
                    change(context, index) { $0.addChannel(frequency.pointee) }
                },
                combination: { context, index, radio, interfaces, channels in
                    change(context, index) {
                        $0.addCombination(radio: radio, interfaces: interfaces, channels: channels)
                    }
                },
                combination_limit: { context, index, radio, interfaces, types in
                    change(context, index) {
                        $0.addCombinationLimit(radio: radio, interfaces: interfaces, types: types)
                    }
                },
                radio_range: { context, index, radio, start, end in
                    change(context, index) { $0.addRange(radio: radio, start: start, end: end) }
                })
            return rl_nl80211_visit_wiphys(nl80211, &visitor)
        }
        try Self.check(result, "list the radios")
        return wiphys.values.sorted { $0.index < $1.index }
    }

    /// The two letters of the regulatory domain that applies to a radio; "00" is the world.
    func regulatoryDomain(of wiphy: Wiphy) throws(RadioError) -> String {
        var letters: (CChar, CChar, CChar) = (0, 0, 0)
        let result = withUnsafeMutableBytes(of: &letters) { letters in
            rl_nl80211_get_regulatory_domain(nl80211, wiphy.index, letters.bindMemory(to: CChar.self).baseAddress)
        }
        try Self.check(result, "read the regulatory domain of \(wiphy.name)")
        return withUnsafeBytes(of: letters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// All wireless interfaces of the network namespace.
    func interfaces() throws(RadioError) -> [WirelessInterface] {
        guard nl80211 != nil else { return [] }
        var interfaces: [WirelessInterface] = []
        let result = withUnsafeMutablePointer(to: &interfaces) { interfaces in
            rl_nl80211_visit_interfaces(
                nl80211,
                { context, interface in
                    guard let interface else { return }
                    context?.withMemoryRebound(to: [WirelessInterface].self, capacity: 1) {
                        $0.pointee.append(WirelessInterface(interface.pointee))
                    }
                }, interfaces)
        }
        try Self.check(result, "list the wireless interfaces")
        return interfaces
    }

    /// One interface as it is now.
    func interface(_ index: UInt32, name: String) throws(RadioError) -> WirelessInterface {
        var interface = rl_interface()
        try Self.check(rl_nl80211_get_interface(nl80211, index, &interface), "read \(name)", interface: name)
        return WirelessInterface(interface)
    }

    /// Makes a monitor interface; it is down.
    func makeMonitor(_ name: String, on wiphy: Wiphy, active: Bool) throws(RadioError) -> WirelessInterface {
        var interface = rl_interface()
        let result = rl_nl80211_new_monitor(nl80211, wiphy.index, name, active, &interface)
        if result == -EEXIST || result == -ENFILE { throw .interfaceNameTaken(interface: name) }
        try Self.check(result, "make the monitor interface \(name)")
        return WirelessInterface(interface)
    }

    /// Removes an interface; one that is gone already is not an error.
    func remove(_ index: UInt32, name: String) throws(RadioError) {
        let result = rl_nl80211_delete_interface(nl80211, index)
        if result != -ENODEV { try Self.check(result, "remove \(name)") }
    }

    /// Sets a 20 MHz channel; throws `refused` with `EBUSY` while other interfaces of the radio are up.
    func setChannel(_ index: UInt32, name: String, frequency: UInt16) throws(RadioError) {
        let result = rl_nl80211_set_channel(nl80211, index, UInt32(frequency))
        try Self.check(result, "set \(name) to \(frequency) MHz", interface: name)
    }

    /// Whether the radio saves power on an interface; `nil` where its driver has no say in it.
    func powerSave(_ index: UInt32) -> Bool? {
        var enabled = false
        return rl_nl80211_get_power_save(nl80211, index, &enabled) == 0 ? enabled : nil
    }

    func linkState(_ index: UInt32, name: String) throws(RadioError) -> LinkState {
        var state = rl_link_state()
        try Self.check(rl_link_get(link, index, &state), "read \(name)", interface: name)
        return LinkState(state)
    }

    func setUp(_ index: UInt32, name: String) throws(RadioError) {
        try Self.check(rl_link_set_up(link, index, true), "set \(name) up", interface: name)
    }

    func setDown(_ index: UInt32, name: String) throws(RadioError) {
        try Self.check(rl_link_set_up(link, index, false), "set \(name) down", interface: name)
    }

    /// Lets an interface have no operational state but dormant (RFC 2863), whatever its carrier.
    func setDormant(_ index: UInt32, name: String) throws(RadioError) {
        try Self.check(rl_link_set_dormant(link, index), "make \(name) dormant", interface: name)
    }

    func setAddress(_ index: UInt32, name: String, _ address: MACAddress) throws(RadioError) {
        let octets = (0..<6).map(address.octet)
        let result = rl_link_set_address(link, index, octets)
        try Self.check(result, "give \(name) the address \(address)", interface: name)
    }

    func setAlias(_ index: UInt32, name: String, _ alias: String) throws(RadioError) {
        try Self.check(rl_link_set_alias(link, index, alias), "mark \(name)", interface: name)
    }

    func setMTU(_ index: UInt32, name: String, _ mtu: UInt32) throws(RadioError) {
        try Self.check(rl_link_set_mtu(link, index, mtu), "give \(name) an MTU of \(mtu)", interface: name)
    }

    static func check(_ result: CInt, _ action: String, interface: String? = nil) throws(RadioError) {
        switch -result {
        case 0: return
        case EPERM, EACCES: throw .permissionDenied(action: action)
        case ENODEV, ENXIO:
            guard let interface else { fallthrough }
            throw .interfaceGone(interface: interface)
        default: throw .refused(action: action, code: -result)
        }
    }
}

/// Changes the radio of number `index` in the dictionary that `context` points to.
private func change(_ context: UnsafeMutableRawPointer?, _ index: UInt32, _ body: (inout Wiphy) -> Void) {
    context?.withMemoryRebound(to: [UInt32: Wiphy].self, capacity: 1) { wiphys in
        body(&wiphys.pointee[index, default: Wiphy(index: index)])
    }
}
