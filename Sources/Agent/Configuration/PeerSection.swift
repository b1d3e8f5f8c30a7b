import IEEE80211
import RadioLinks
import SessionCore

/// Reads `[[peers]]`: the devices to have sessions with.
enum PeerSection {
    /// A peer and the name that the user gave it.
    struct Peer {
        var configuration: PeerConfiguration
        var name: String?
    }

    /// The peers of a document, without those that are not usable, which are reported. `own` is this device's MLD address,
    /// `links` its links, and `isDiscovering` says whether peers, and their links, may be left out.
    static func read(
        _ root: TableReader, own: MACAddress?, links: [MonitorRadioConfiguration], security: SecuritySection,
        isDiscovering: Bool
    ) -> [Peer] {
        let tables = root.tables("peers")
        if tables.isEmpty && !root.has("peers") && !isDiscovering {
            root.report(
                "peers", "there are no peers, and none are discovered",
                "add [[peers]] with mld_address, and [[peers.links]] for each of its links, or leave [discovery] out")
        }
        var peers: [Peer] = []
        for table in tables {
            guard
                let peer = readPeer(
                    table, own: own, links: links, security: security, isDiscovering: isDiscovering)
            else { continue }
            reportConflicts(of: peer, with: peers, in: table)
            peers.append(peer)
        }
        return peers
    }

    private static func readPeer(
        _ table: TableReader, own: MACAddress?, links: [MonitorRadioConfiguration], security: SecuritySection,
        isDiscovering: Bool
    ) -> Peer? {
        let address = table.address("mld_address")
        table.require("mld_address", "write mld_address = \"02:52:4c:00:00:0b\", as in the peer's own configuration")
        if let address, address == own {
            table.report(
                "mld_address", "\(address) is this device's own MLD address",
                "write the one of the peer's configuration")
        }
        let name = table.string("name")
        let key = security.key(for: address, in: table)
        let sessions = table.integers("sessions", in: 0...7).compactMap { TrafficIdentifier($0) }
        let tables = table.tables("links")
        if tables.isEmpty && !table.has("links") && !isDiscovering {
            table.report(
                "links", "the peer has no links",
                "add [[peers.links]] with id and address, or [discovery], so that they are found")
        }
        var addresses: [LinkIdentifier: MACAddress] = [:]
        for table in tables {
            guard let (identifier, address) = readLink(table, links: links) else { continue }
            if addresses[identifier] != nil {
                table.report(
                    "id", "the peer has a link \(identifier) already", "give every link of a peer an ID of its own")
            }
            if let same = addresses.filter({ $0.value == address }).keys.min() {
                table.report(
                    "address", "the peer's link \(same) has it already", "write the address of link \(identifier)")
            }
            addresses[identifier] = address
        }
        table.finish()
        guard let address else { return nil }
        return Peer(
            configuration: PeerConfiguration(mldAddress: address, links: addresses, sessions: sessions, key: key),
            name: name)
    }

    private static func readLink(
        _ table: TableReader, links: [MonitorRadioConfiguration]
    ) -> (LinkIdentifier, MACAddress)? {
        let identifier = table.integer("id", in: 0...14).flatMap { LinkIdentifier($0) }
        table.require("id", "write the ID of the link that both devices have")
        let address = table.address("address")
        table.require("address", "write the address of the peer's radio on this link")
        table.finish()
        guard let identifier, let address else { return nil }
        if !links.contains(where: { $0.identifier == identifier }) && !links.isEmpty {
            table.report(
                "id", "this device has no link \(identifier)",
                "write one of \(links.map { "\($0.identifier)" }.joined(separator: ", ")), or add [[links]] with id = \(identifier)"
            )
        }
        if let own = links.first(where: { $0.address == address }) {
            table.report(
                "address", "\(address) is this device's own address on link \(own.identifier)",
                "write the address of the peer's radio")
        }
        return (identifier, address)
    }

    private static func reportConflicts(of peer: Peer, with others: [Peer], in table: TableReader) {
        let configuration = peer.configuration
        for other in others {
            if let name = peer.name, other.name == name {
                table.report("name", "another peer is called \(name)", "write another name")
            }
            if other.configuration.mldAddress == configuration.mldAddress {
                table.report(
                    "mld_address", "another peer has the MLD address \(configuration.mldAddress)",
                    "write every peer once")
            }
            let shared = configuration.links.keys.sorted().filter {
                other.configuration.links[$0] == configuration.links[$0]
            }
            if let link = shared.first {
                table.report(
                    "links", "another peer has the same address on link \(link)",
                    "write the addresses of this peer's radios")
            }
        }
    }
}
