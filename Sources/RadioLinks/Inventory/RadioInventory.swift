/// What the kernel says of all radios of this network namespace, found out without transmitting.
public struct RadioInventory: Codable, Equatable, Sendable {
    /// The radios, in the order of their numbers.
    public var radios: [RadioDescription]
    /// Programs that name no interface and may take any.
    public var programs: [RunningProgram]

    /// Asks the kernel.
    /// - Throws: `wirelessMissing` where it has no nl80211.
    public static func read() throws(RadioError) -> RadioInventory {
        let control = try RadioControl()
        guard control.hasWireless else { throw .wirelessMissing }
        return try RadioInventory(control)
    }
}

extension RadioInventory {
    init(_ control: RadioControl, files: SystemFiles = SystemFiles()) throws(RadioError) {
        let survey = try control.programs(files: files)
        programs = survey.managers
        radios = []
        for wiphy in try control.wiphys() {
            radios.append(
                RadioDescription(
                    wiphy, regulatoryDomain: try control.regulatoryDomain(of: wiphy),
                    interfaces: try control.interfaces(of: wiphy, survey), files: files))
        }
    }
}

extension RadioControl {
    /// Which programs use the wireless interfaces of this network namespace. Reads the command line of every process.
    func programs(files: SystemFiles = SystemFiles()) throws(RadioError) -> ProgramSurvey {
        let names = Dictionary(try interfaces().map { ($0.index, $0.name) }, uniquingKeysWith: { first, _ in first })
        return ProgramSurvey(interfaces: names, files: files)
    }

    /// The interfaces of a radio; one that vanishes meanwhile is none.
    func interfaces(of wiphy: Wiphy, _ survey: ProgramSurvey? = nil) throws(RadioError) -> [RadioInterface] {
        try interfaces().filter { $0.wiphy == wiphy.index }.compactMap { interface in
            guard let state = try? linkState(interface.index, name: interface.name) else { return nil }
            return RadioInterface(
                name: interface.name, index: interface.index, mode: interface.mode, up: state.isUp,
                address: "\(state.address)", frequency: interface.frequency, powerSave: powerSave(interface.index),
                madeByRelink: InterfaceMark.isMark(state.alias), programs: survey?.users[interface.name] ?? [])
        }
    }
}

/// What the kernel says about one radio (wiphy).
public struct RadioDescription: Codable, Equatable, Sendable {
    /// Its name in the kernel.
    public var wiphy: String
    /// Its number in the kernel.
    public var index: UInt32
    /// The name of its driver; left out where it has none to tell.
    public var driver: String?
    /// The two letters of the regulatory domain that applies to it; "00" is the world.
    public var regulatoryDomain: String
    /// Whether rfkill switches it off.
    public var rfkill: RadioSwitch
    /// Whether it has monitor mode.
    public var monitor: Bool
    /// Whether the driver offers active monitors, which acknowledge.
    public var activeMonitor: Bool
    /// True if the driver offers access points, beside which a plain monitor does.
    public var accessPoint: Bool
    /// True if the driver offers IBSS, for the same.
    public var ibss: Bool
    /// The channels, band by band.
    public var bands: [Band]
    /// What may be up at once.
    public var combinations: [InterfaceCombination]
    /// The radios within this wiphy, where the kernel (6.11 and later) tells of several.
    public var radios: [RadioOfWiphy]
    /// Its interfaces.
    public var interfaces: [RadioInterface]

    /// The channels of one band.
    public struct Band: Codable, Equatable, Sendable {
        /// Which band, in GHz.
        public var band: Channel.Band
        /// Its channels by frequency.
        public var channels: [ChannelDescription]
    }

    init(_ wiphy: Wiphy, regulatoryDomain: String, interfaces: [RadioInterface], files: SystemFiles) {
        self.wiphy = wiphy.name
        index = wiphy.index
        driver = files.driver(ofWiphy: wiphy.name)
        self.regulatoryDomain = regulatoryDomain
        rfkill = files.rfkill(ofWiphy: wiphy.name)
        monitor = wiphy.hasMonitor
        activeMonitor = wiphy.hasActiveMonitor
        accessPoint = wiphy.hasAccessPoint
        ibss = wiphy.hasIBSS
        let channels = wiphy.channels.sorted { $0.key < $1.key }.compactMap(ChannelDescription.init)
        bands = Channel.Band.allCases.compactMap { band in
            let own = channels.filter { Channel.place(of: $0.frequency)?.band == band }
            return own.isEmpty ? nil : Band(band: band, channels: own)
        }
        combinations = wiphy.combinations
        radios = wiphy.radios.sorted { $0.key < $1.key }.map(\.value)
        self.interfaces = interfaces
    }
}

/// A channel of a radio.
public struct ChannelDescription: Codable, Equatable, Sendable {
    /// Its number.
    public var channel: Int
    /// Its centre frequency in MHz.
    public var frequency: UInt16
    /// What keeps the radio from transmitting there of its own accord, the gravest first; empty where nothing does.
    public var restrictions: [ChannelRestriction]
    /// What is known of radar there; left out where that does not matter.
    public var radarState: RadarState?
    /// The most that may be sent, in dBm; left out where nothing may.
    public var maximumPower: Double?

    /// Whether links can be made there.
    public var isPermitted: Bool { restrictions.isEmpty }

    init?(frequency: UInt16, channel: WiphyChannel) {
        guard let place = Channel.place(of: frequency) else { return nil }
        self.channel = place.number
        self.frequency = frequency
        restrictions = ChannelRestriction.allCases.filter(channel.restrictions.contains)
        radarState = restrictions.contains(.radar) ? channel.radarState : nil
        maximumPower = restrictions.contains(.disabled) ? nil : Double(channel.maximumPower) / 100
    }
}
