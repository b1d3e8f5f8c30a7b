import Glibc
import IEEE80211
import SessionCore

/// A radio of this machine as a link: interfaces that this makes and removes, with libpcap on a monitor.
///
/// The kernel gives back every frame that the radio sent, with a radiotap TX flags field, which received frames never
/// have; that is the TX report. Where the radio is held in a way that acknowledges, it says whether the peer's radio acknowledged
/// the frame.
public final class MonitorRadio: RadioLink {
    /// Which link this is.
    public let identifier: LinkIdentifier
    /// Address and frequency as read back from the kernel, acknowledgment as configured or found by the self-test.
    public let properties: LinkProperties
    /// The radio's name in the kernel.
    public let wiphy: String
    /// The name that the interface was made with.
    public let interface: String
    /// The kernel's number of the interface, which `RadioEvent` names.
    public let interfaceIndex: UInt32
    /// The kernel's number of the interface that keeps the radio on its channel, where that is another one.
    public let companionIndex: UInt32?
    /// The way in which the radio is held.
    public let way: RadioWay
    /// What the user should know about how the link was made, in whole sentences for the log.
    public let notes: [String]
    /// Readable while packets wait, also when the interface went down or away.
    public let readinessDescriptor: CInt

    private let rates: MonitorRadioConfiguration.Rates
    private let control: RadioControl
    private var port: (any MonitorPort)?
    private var traffic: RadioTraffic

    /// Holds the radio and reads back what became of that; with `auto` and `mac` it also tests whether TX reports can be believed,
    /// which takes up to 1 s for each way in which none come. Blocks meanwhile. Leaves nothing behind when it
    /// throws.
    ///
    /// - Parameter random: what the test draws addresses from that nobody has.
    public convenience init(configuration: MonitorRadioConfiguration, random: SeededRandom) throws(RadioError) {
        try self.init(configuration: configuration, random: random, makePort: KernelPort.open)
    }

    init(
        configuration: MonitorRadioConfiguration, random: SeededRandom, makePort: @escaping MonitorPortMaker
    ) throws(RadioError) {
        try configuration.check()
        control = try RadioControl()
        let prepared = try control.prepare(configuration, holdersBy: .channel)
        var trial = WayTrial(configuration: configuration, wiphy: prepared.wiphy, control: control)
        trial.random = random
        trial.open = makePort
        let result = try trial.run()
        way = result.way
        companionIndex = result.port.companionIndex
        identifier = configuration.identifier
        rates = configuration.rates
        properties = LinkProperties(
            address: result.port.address, frequency: configuration.frequency,
            acknowledgment: way.acknowledges ? .mac : .frame, outstanding: result.outstanding,
            receives: prepared.wiphy.band(at: configuration.frequency)?.capabilities?.on20MHz)
        wiphy = prepared.wiphy.name
        interface = configuration.interface
        interfaceIndex = result.port.interfaceIndex
        notes = prepared.notes + trial.notes + Self.note(on: result, of: prepared.wiphy.name)
        readinessDescriptor = result.port.descriptor
        let ordered: [TransmitRate] = if case .ordered(let rates) = configuration.rates { rates } else { [] }
        traffic = RadioTraffic(
            acknowledgment: properties.acknowledgment, frequency: properties.frequency, rates: ordered)
        port = result.port
    }

    private static func note(on result: WayTrial.Result, of wiphy: String) -> [String] {
        guard !result.way.acknowledges else {
            // A way that the driver does not offer is not reported where a better one works.
            let tried = result.failures.filter { $0.obstacle != .notOffered }
            let causes = tried.map(\.cause).joined(separator: "; ")
            var notes = tried.isEmpty ? [] : ["\(wiphy) is held by \(result.way.phrase): \(causes)"]
            if result.outstanding < LinkProperties.defaultOutstanding {
                notes.append(
                    "\(wiphy) reported on \(result.outstanding) of \(LinkProperties.defaultOutstanding) frames that were sent at once: no more payloads to a peer wait for their reports"
                )
            }
            return notes
        }
        guard !result.failures.isEmpty else { return [] }
        let error = RadioError.macAcknowledgmentImpossible(wiphy: wiphy, failures: result.failures)
        return ["\(error.cause); the peer's agent acknowledges in frames instead"]
    }

    /// What happened since the link was made.
    public var counters: RadioCounters {
        var counters = traffic.counters
        counters.dropped = port?.dropped ?? 0
        return counters
    }

    /// Sends frames; see `RadioLink`. Where radios acknowledge, the radio retries on its own; on a plain monitor, to which
    /// nobody's radio answers, it sends once.
    public func send(_ frames: FrameBatch) throws(RadioError) -> Int {
        guard let port else { throw .closed(interface: interface) }
        let (header, count) = traffic.header(of: frames)
        let taken = try port.send(header, frames, count: count)
        if taken == 0 { traffic.refused() }
        frames.visitFirst(taken) { traffic.sent(number: $0, mpdu: $1) }
        return taken
    }

    /// More packets than ever wait to be received.
    public static let mostWaiting = Capture.mostWaiting

    /// Receives; see `RadioLink`. A frame that came on another channel is not handed over: the radio is not where it was put, which
    /// is thrown.
    @discardableResult
    public func receive(
        limit: Int, _ handler: (RadioIndication, _ mpdu: Span<UInt8>) -> Void
    ) throws(RadioError) -> Int {
        guard let port else { throw .closed(interface: interface) }
        let count = try port.receive(limit: limit) { traffic.read($0, handler) }
        if let keeper = port.stationKeeper { try tend(keeper) }
        if let stray = traffic.takeStray() {
            throw .channelNotKept(interface: interface, wanted: properties.frequency, found: stray)
        }
        return count
    }

    /// Keeps stations from being taken for asleep.
    private func tend(_ keeper: any StationKeeper) throws(RadioError) {
        let asleep = traffic.takeAsleep()
        let now = RadioClock.now
        for address in asleep { try keeper.slept(address, at: now) }
        try keeper.resume(at: now)
    }

    /// Takes these radios for the peers', where the radio is held by an access point and the kernel or the card is to choose the rates of
    /// what is sent to them (`RAT-2`).
    public func setPeers(_ radios: [PeerRadio]) throws(RadioError) {
        guard rates == .automatic else { return }
        try port?.stationKeeper?.setPeers(radios)
    }

    /// The kernel's report of a peer; `nil` where rates are not chosen for it.
    public func report(of address: MACAddress) -> StationReport? { port?.stationKeeper?.report(of: address) }

    /// Throws unless the link is still as it was made: there, up, with its address and on its channel, and the channel
    /// allowed. To be called after events that may have changed that, and when the link is lost for no known reason:
    /// the kernel does not tell when somebody moves a monitor interface to another channel.
    public func check() throws(RadioError) { try checkedPort().check() }

    /// The radio's permanent address; `nil` where the kernel does not tell.
    public var permanentAddress: MACAddress? { SystemFiles().permanentAddress(ofWiphy: wiphy) }

    /// Whether rfkill switches the radio off now.
    public var isSwitchedOff: Bool { SystemFiles().rfkill(ofWiphy: wiphy) != .on }

    /// Puts the radio on its channel again and checks everything: for interfaces that are up again, or that somebody moved or
    /// stopped.
    ///
    /// - Parameter settingUp: sets the interfaces up first: rfkill had set them down, and nobody else sets them up.
    public func restore(settingUp: Bool) throws(RadioError) {
        if settingUp, isSwitchedOff { throw .radioBlocked(wiphy: wiphy) }
        let port = try checkedPort()
        try port.restore(settingUp: settingUp)
        // The capture kept frames of the channel that the radio was on meanwhile.
        _ = try port.receive(limit: Self.mostWaiting) { traffic.read($0) { _, _ in } }
        _ = traffic.takeStray()
    }

    /// Closes libpcap and removes the interfaces. The object is of no use afterwards.
    public func close() { port = nil }

    /// The port, while the radio is there and its channel allowed.
    private func checkedPort() throws(RadioError) -> any MonitorPort {
        guard let port else { throw .closed(interface: interface) }
        guard let found = try control.wiphys().first(where: { $0.name == wiphy }) else {
            throw .interfaceGone(interface: interface)
        }
        try found.check(frequency: properties.frequency, regulatoryDomain: control.regulatoryDomain(of: found))
        return port
    }
}

extension MonitorRadioConfiguration {
    /// Throws when the kernel would refuse a name or address in words that nobody understands.
    func check() throws(RadioError) {
        let isUsable = interface.utf8.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isUsable, (1...15).contains(interface.utf8.count) else { throw .interfaceNameUnusable(interface) }
        if let address, address.isGroup || address.rawValue == 0 { throw .addressUnusable(address) }
    }
}
