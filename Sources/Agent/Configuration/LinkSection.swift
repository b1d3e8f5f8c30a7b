import IEEE80211
import RadioLinks
import SessionCore

/// Reads `[[links]]`: this device's radios.
enum LinkSection {
    /// The links of a document, without those that are not usable, which are reported.
    static func read(_ root: TableReader) -> [MonitorRadioConfiguration] {
        let tables = root.tables("links")
        if tables.isEmpty && !root.has("links") {
            root.report("links", "there are no links", "add [[links]] with id, wiphy and channel for each radio")
        }
        var links: [MonitorRadioConfiguration] = []
        for table in tables {
            guard let link = readLink(table) else { continue }
            reportConflicts(of: link, with: links, in: table)
            links.append(link)
        }
        return links
    }

    private static func readLink(_ table: TableReader) -> MonitorRadioConfiguration? {
        let identifier = table.integer("id", in: 0...14).flatMap { LinkIdentifier($0) }
        table.require("id", "write id = 1, the same number on both devices, from 0 to 14")
        let wiphy = table.string("wiphy")
        table.require("wiphy", "write wiphy = \"phy0\", or the radio's address; \"relink links\" lists the radios")
        if wiphy == "" {
            table.report("wiphy", "the name is empty", "write a name that \"iw phy\" lists, such as \"phy0\"")
        }
        let frequency = readFrequency(table)
        let address = table.address("address")
        let interface = table.string("interface")
        if let interface { table.checkInterfaceName("interface", interface) }
        let acknowledgment = table.choice("acknowledgment", MonitorRadioConfiguration.Acknowledgment.self) ?? .automatic
        let anchor = table.choice("anchor", MonitorRadioConfiguration.Anchor.self) ?? .automatic
        let rates = readRates(table)
        if acknowledgment == .frame, table.has("anchor"), anchor != .none {
            table.report(
                "anchor", "acknowledgment = \"frame\" needs none", "leave it out, or write acknowledgment = \"auto\"")
        }
        table.finish()
        guard let identifier, let wiphy, let frequency else { return nil }
        return MonitorRadioConfiguration(
            identifier: identifier, wiphy: wiphy, interface: interface ?? "relink\(identifier)", address: address,
            frequency: frequency, acknowledgment: acknowledgment, anchor: anchor, rates: rates)
    }

    private static func readRates(_ table: TableReader) -> MonitorRadioConfiguration.Rates {
        guard table.isArray("rates") else {
            switch table.choice("rates", RatesName.self) {
            case .auto, nil: return .automatic
            case .lowest: return .lowest
            }
        }
        let remedy = "write rates in Mb/s or MCS, such as [\"MCS 7\", \"24\", \"6\"]"
        let rates = table.values("rates", "a rate", remedy, TransmitRate.init)
        if rates.isEmpty { table.report("rates", "there are none", remedy) }
        return .ordered(rates)
    }

    private enum RatesName: String, CaseIterable {
        case auto, lowest
    }

    private static func readFrequency(_ table: TableReader) -> UInt16? {
        let channel = table.integer("channel", in: 1...233)
        let band = table.choice("band", Channel.Band.self)
        let frequency = table.integer("frequency", in: 2412...7115)
        switch (table.has("channel"), table.has("frequency")) {
        case (true, true):
            table.report("frequency", "channel says it already", "write one of the two")
            return nil
        case (false, false):
            table.report("channel", "is missing", "write channel = 1, or frequency = 2412 in MHz")
            return nil
        case (false, true):
            guard let frequency else { return nil }
            if table.has("band") { table.report("band", "frequency says it already", "leave it out") }
            guard Channel.exists(at: frequency) else {
                table.report(
                    "frequency", "no 20 MHz channel is at \(frequency) MHz",
                    "write the centre of a channel, such as 2412, 5180 or 5955")
                return nil
            }
            return UInt16(frequency)
        case (true, false):
            guard let channel else { return nil }
            if table.has("band") && band == nil { return nil }
            let band = band ?? (channel <= 14 ? .twoPointFour : .five)
            guard let frequency = band.frequency(of: channel) else {
                table.report(
                    "channel", "there is no 20 MHz channel \(channel) at \(band.rawValue) GHz",
                    "write one of \(band.numbers.map(String.init).joined(separator: ", "))"
                        + (band == .five ? "; for 6 GHz add band = \"6\"" : ""))
                return nil
            }
            return frequency
        }
    }

    private static func reportConflicts(
        of link: MonitorRadioConfiguration, with others: [MonitorRadioConfiguration], in table: TableReader
    ) {
        for other in others {
            if other.identifier == link.identifier {
                table.report("id", "another link has the ID \(link.identifier)", "give every link an ID of its own")
            }
            if other.wiphy == link.wiphy {
                table.report(
                    "wiphy", "link \(other.identifier) uses \(link.wiphy) already",
                    "use another radio: one radio serves one link, because it is on one channel at a time")
            }
            let names = [other.interface, other.companion]
            if let taken = [link.interface, link.companion].first(where: names.contains) {
                table.report(
                    "interface", "link \(other.identifier) uses the name \(taken) already",
                    "give every interface a name of its own")
            }
            if let address = link.address, other.address == address {
                table.report(
                    "address", "link \(other.identifier) has the address \(address) already",
                    "give every link an address of its own")
            }
        }
    }
}
