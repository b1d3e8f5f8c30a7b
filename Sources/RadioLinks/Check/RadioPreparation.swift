import IEEE80211

/// A radio that may be tried: it is there, permitted on its channel, and nobody holds it.
struct RadioPreparation {
    var wiphy: Wiphy
    var regulatoryDomain: String
    /// Its interfaces, without those that earlier agents left behind.
    var interfaces: [RadioInterface]
    var notes: [String]
}

extension RadioControl {
    /// The radio with this permanent address or, if there is none, with this name.
    func wiphy(_ name: String, permanentAddress: MACAddress?) throws(RadioError) -> Wiphy {
        let wiphys = try wiphys()
        let files = SystemFiles()
        let found =
            permanentAddress.flatMap { address in wiphys.first { files.permanentAddress(ofWiphy: $0.name) == address } }
            ?? wiphys.first { $0.name == name }
        guard let found else { throw .wiphyNotFound(name: name, available: wiphys.map(\.name)) }
        return found
    }

    /// Looks whether a radio can be used as configured, and removes what earlier agents left behind on it. Nothing else is touched,
    /// and nothing is sent.
    func prepare(
        _ configuration: MonitorRadioConfiguration, holdersBy measure: RadioOccupancy.Measure
    ) throws(RadioError) -> RadioPreparation {
        guard hasWireless else { throw .wirelessMissing }
        let wiphy = try wiphy(configuration.wiphy, permanentAddress: configuration.permanentAddress)
        guard wiphy.hasMonitor else { throw .monitorUnsupported(wiphy: wiphy.name) }
        let domain = try regulatoryDomain(of: wiphy)
        try wiphy.check(frequency: configuration.frequency, regulatoryDomain: domain)
        var notes: [String] = []
        let names =
            [configuration.interface] + (configuration.acknowledgment == .frame ? [] : [configuration.companion])
        let removed = try removeLeftOvers(on: wiphy, wanting: names)
        if !removed.isEmpty {
            notes.append("removed \(removed.joined(separator: " and ")), which an earlier relink had left behind")
        }
        var interfaces = try interfaces(of: wiphy)
        // Whoever they are is asked only when it matters: an agent that makes a radio anew has no time to look at every process.
        if measure == .disturbance || !RadioOccupancy.holders(among: interfaces, by: measure).isEmpty {
            interfaces = try self.interfaces(of: wiphy, programs())
        }
        let holders = RadioOccupancy.holders(among: interfaces, by: measure)
        guard holders.isEmpty else { throw .radioHeld(wiphy: wiphy.name, holders: holders) }
        return RadioPreparation(wiphy: wiphy, regulatoryDomain: domain, interfaces: interfaces, notes: notes)
    }
}
