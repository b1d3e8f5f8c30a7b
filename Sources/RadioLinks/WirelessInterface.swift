import CNetlink
import IEEE80211

/// What nl80211 tells about one wireless interface.
struct WirelessInterface: Equatable {
    let index: UInt32
    let name: String
    let wiphy: UInt32
    let mode: InterfaceMode
    /// Centre frequency in MHz; `nil` where the kernel tells none.
    let frequency: UInt16?

    var isMonitor: Bool { mode == .monitor }

    init(_ interface: rl_interface) {
        index = interface.index
        name = withUnsafeBytes(of: interface.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        wiphy = interface.wiphy
        mode = InterfaceMode(type: interface.type)
        frequency = interface.frequency == 0 ? nil : UInt16(exactly: interface.frequency)
    }
}

/// What rtnetlink tells about one interface.
struct LinkState: Equatable {
    let isUp: Bool
    let mtu: UInt32
    let address: MACAddress
    let alias: String

    init(_ state: rl_link_state) {
        isUp = state.up
        mtu = state.mtu
        address = withUnsafeBytes(of: state.address) { octets in
            MACAddress(rawValue: octets.reduce(0) { $0 << 8 | UInt64($1) })
        }
        alias = withUnsafeBytes(of: state.alias) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
