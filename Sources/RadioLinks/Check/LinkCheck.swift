import IEEE80211
import SessionCore

/// Tries radios as an agent would use them, with frames to addresses that nobody has, and removes all it made.
public final class LinkCheck {
    /// Which radio to try, and how.
    public struct Request: Equatable, Sendable {
        /// The link's ID in the configuration, if it stands in one.
        public var link: LinkIdentifier?
        /// The radio's name in the kernel.
        public var wiphy: String
        /// Centre frequency of the channel in MHz; the lowest permitted one when `nil`.
        public var frequency: UInt16?
        /// The link MAC address; the radio's own when `nil`.
        public var address: MACAddress?
        /// Where acknowledgments are to come from.
        public var acknowledgment: MonitorRadioConfiguration.Acknowledgment
        /// The anchors that may hold the radio.
        public var anchor: MonitorRadioConfiguration.Anchor

        /// Makes a request.
        public init(
            link: LinkIdentifier? = nil, wiphy: String, frequency: UInt16? = nil, address: MACAddress? = nil,
            acknowledgment: MonitorRadioConfiguration.Acknowledgment = .automatic,
            anchor: MonitorRadioConfiguration.Anchor = .automatic
        ) {
            self.link = link
            self.wiphy = wiphy
            self.frequency = frequency
            self.address = address
            self.acknowledgment = acknowledgment
            self.anchor = anchor
        }

        /// The request for a configured link.
        public init(_ link: MonitorRadioConfiguration) {
            self.init(
                link: link.identifier, wiphy: link.wiphy, frequency: link.frequency, address: link.address,
                acknowledgment: link.acknowledgment, anchor: link.anchor)
        }
    }

    /// The name of the monitor made for a trial: not one that an agent makes by default, and another one for each radio, so that
    /// checks of different radios may run at once.
    static func interfaceName(wiphyIndex: UInt32) -> String { "relinkcheck\(wiphyIndex % 1000)" }

    /// In milliseconds: two beacons of a network on the channel, which name it (100 TU apart by default).
    private static let listeningTime: CInt = 250
    /// Frames at once: more than any driver is known to track.
    private static let burst = 300

    private let control: RadioControl
    private let interruption: Interruption?
    private let makePort: MonitorPortMaker

    /// Makes one. SIGINT and SIGTERM end it, cleanly, when it has an `interruption`.
    /// - Throws: `wirelessMissing` where the kernel has no nl80211.
    public convenience init(interruption: Interruption? = nil) throws(RadioError) {
        try self.init(interruption: interruption, makePort: KernelPort.open)
    }

    init(interruption: Interruption?, makePort: @escaping MonitorPortMaker) throws(RadioError) {
        control = try RadioControl()
        guard control.hasWireless else { throw .wirelessMissing }
        self.interruption = interruption
        self.makePort = makePort
    }

    /// The capabilities that this process needs for a trial and lacks.
    public static var missingCapabilities: [String] { SystemFiles().missingCapabilities() }

    /// All radios, each on its lowest permitted channel.
    public func everyRadio() throws(RadioError) -> [Request] {
        try control.wiphys().map { Request(wiphy: $0.name) }
    }

    /// Tries one radio. Blocks for a few seconds at most, and leaves nothing behind.
    /// - Throws: `interrupted` alone; whatever else is wrong is in the result.
    public func run(_ request: Request) throws(RadioError) -> CheckedLink {
        var checked = CheckedLink(
            link: request.link.map { Int($0.rawValue) }, wiphy: request.wiphy, frequency: request.frequency)
        do {
            try run(request, &checked)
        } catch .interrupted {
            throw .interrupted
        } catch {
            checked.verdict = .unusable
            checked.way = nil
            checked.acknowledgmentsProved = nil
            checked.outstanding = nil
            checked.problem = RadioProblem(error)
        }
        return checked
    }

    private func run(_ request: Request, _ checked: inout CheckedLink) throws(RadioError) {
        if interruption?.isRaised == true { throw .interrupted }
        let wiphy = try control.wiphy(request.wiphy, permanentAddress: MACAddress(request.wiphy))
        var request = request
        request.wiphy = wiphy.name
        checked.wiphy = wiphy.name
        let inventory = try RadioInventory(control)
        if let radio = inventory.radios.first(where: { $0.wiphy == request.wiphy }) {
            checked.driver = radio.driver
            checked.regulatoryDomain = radio.regulatoryDomain
            checked.interfaces = radio.interfaces
            if radio.rfkill != .on { throw .radioBlocked(wiphy: request.wiphy) }
        }
        let configuration = try configuration(for: request, on: wiphy)
        checked.setFrequency(configuration.frequency)
        checked.interfaces.removeAll { [configuration.interface, configuration.companion].contains($0.name) }
        let prepared = try control.prepare(configuration, holdersBy: .disturbance)
        var trial = WayTrial(configuration: configuration, wiphy: prepared.wiphy, control: control)
        trial.open = makePort
        trial.probesEveryWay = true
        trial.probe = WayProbe(
            listeningTime: Self.listeningTime, burst: Self.burst, burstPatience: WayProbe.reportTimeout,
            interruption: interruption?.descriptor)
        defer { checked.ways = trial.reports }
        let (way, failures) = try trial.decide()
        checked.verdict = way.acknowledges ? .mac : .frame
        checked.way = way
        // Nobody was there who could have acknowledged a frame.
        checked.acknowledgmentsProved = way.acknowledges ? false : nil
        checked.outstanding = way.acknowledges ? trial.reports.last { $0.way == way }?.outstanding : nil
        if !way.acknowledges, !failures.isEmpty {
            checked.problem = RadioProblem(
                .macAcknowledgmentImpossible(wiphy: request.wiphy, failures: failures))
        }
        checked.warnings =
            trial.notes.map { RadioProblem(name: "note", cause: $0, remedy: "nothing has to be done") }
            + RadioProblem.warnings(
                wiphy: request.wiphy, way: way, ways: trial.reports, interfaces: checked.interfaces,
                managers: inventory.programs)
    }

    private func configuration(
        for request: Request, on wiphy: Wiphy
    ) throws(RadioError) -> MonitorRadioConfiguration {
        guard let anyLink = LinkIdentifier(0) else { throw .radiosMissing }
        guard let frequency = request.frequency ?? wiphy.firstPermittedFrequency else {
            throw .noPermittedChannel(wiphy: wiphy.name, regulatoryDomain: try control.regulatoryDomain(of: wiphy))
        }
        let configuration = MonitorRadioConfiguration(
            identifier: request.link ?? anyLink, wiphy: wiphy.name,
            interface: Self.interfaceName(wiphyIndex: wiphy.index), address: request.address, frequency: frequency,
            acknowledgment: request.acknowledgment, anchor: request.anchor)
        try configuration.check()
        return configuration
    }
}
