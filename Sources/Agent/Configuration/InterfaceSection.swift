import HostInterface
import RadioLinks

/// Reads `[interface]`: the interface for the host's traffic.
enum InterfaceSection {
    /// The interface; what is not usable is reported.
    static func read(_ table: TableReader, links: [MonitorRadioConfiguration]) -> TAPConfiguration {
        var interface = TAPConfiguration()
        if let name = table.string("name") {
            table.checkInterfaceName("name", name)
            interface.name = name
        }
        for link in links where link.interface == interface.name {
            table.report(
                "name", "link \(link.identifier) uses the name \(link.interface) already",
                "give every interface a name of its own")
        }
        table.integer("mtu", in: FrameSizes.smallestMTU...FrameSizes.largestMTU).map { interface.mtu = UInt32($0) }
        interface.addresses = table.values(
            "addresses", "an IP address with a prefix length",
            "write addresses such as \"10.0.0.1/24\" or \"fd00::1/64\"",
            InterfaceAddress.init)
        for (index, address) in interface.addresses.enumerated() where interface.addresses[..<index].contains(address) {
            table.report("addresses", "\(address) stands here twice", "write each address once")
        }
        if interface.mtu < FrameSizes.smallestMTUForIPv6, interface.addresses.contains(where: { $0.family == .ipv6 }) {
            table.report(
                "mtu", "IPv6 needs packets of \(FrameSizes.smallestMTUForIPv6) octets",
                "write mtu = \(FrameSizes.defaultMTU), or leave the IPv6 addresses out")
        }
        table.finish()
        return interface
    }
}
