import Glibc
import IEEE80211
import SessionCore

/// A radio of this machine as a link: a monitor interface that this makes and removes, with libpcap on it.
///
/// The kernel gives back every frame that the radio sent, with a radiotap TX flags field, which received frames never
/// have; that is the TX report. On an active monitor it says whether the peer's radio acknowledged the frame.
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
    /// Whether the interface is an active monitor, so that the radio acknowledges frames to its address.
    public let isActive: Bool
    /// What the user should know about how the link was made, in whole sentences for the log.
    public let notes: [String]
    /// Readable while packets wait, also when the interface went down or away.
    public let readinessDescriptor: CInt

    private let control: RadioControl
    private var port: (any MonitorPort)?
    private var traffic: RadioTraffic

    /// Makes the interface, sets it up and reads back what became of it; with `auto` and `mac` it also tests whether TX
    /// reports can be believed, which takes up to 1 s where none come. Blocks meanwhile. Leaves nothing behind when it
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
        var trial = MonitorTrial(configuration: configuration, wiphy: prepared.wiphy, control: control)
        trial.probe.random = random
        trial.open = makePort
        let result = try trial.run()
        isActive = result.kind == .active
        identifier = configuration.identifier
        properties = LinkProperties(
            address: result.port.address, frequency: configuration.frequency, acknowledgment: isActive ? .mac : .frame)
        wiphy = prepared.wiphy.name
        interface = configuration.interface
        interfaceIndex = result.port.interfaceIndex
        notes = prepared.notes + trial.notes + Self.note(on: result.obstacle, of: prepared.wiphy.name)
        readinessDescriptor = result.port.descriptor
        traffic = RadioTraffic(acknowledgment: properties.acknowledgment)
        port = result.port
    }

    private static func note(on obstacle: AcknowledgmentObstacle?, of wiphy: String) -> [String] {
        guard let obstacle else { return [] }
        let error = RadioError.macAcknowledgmentImpossible(wiphy: wiphy, reason: obstacle)
        return ["\(error.cause); the peer's agent acknowledges in frames instead"]
    }

    /// What happened since the link was made.
    public var counters: RadioCounters {
        var counters = traffic.counters
        counters.dropped = port?.dropped ?? 0
        return counters
    }

    /// Sends frames; see `RadioLink`. On an active monitor the radio retries on its own; on a plain one, to which
    /// nobody's radio answers, it sends once.
    public func send(_ frames: FrameBatch) throws(RadioError) -> Int {
        guard let port else { throw .closed(interface: interface) }
        let taken = try port.send(traffic.header, frames)
        if taken == 0 { traffic.refused() }
        frames.visitFirst(taken) { traffic.sent(number: $0, mpdu: $1) }
        return taken
    }

    /// More packets than ever wait to be received.
    public static let mostWaiting = Capture.mostWaiting

    /// Receives; see `RadioLink`.
    @discardableResult
    public func receive(
        limit: Int, _ handler: (RadioIndication, _ mpdu: Span<UInt8>) -> Void
    ) throws(RadioError) -> Int {
        guard let port else { throw .closed(interface: interface) }
        return try port.receive(limit: limit) { traffic.read($0, handler) }
    }

    /// Throws unless the link is still as it was made: there, up, with its address and on its channel, and the channel
    /// allowed. To be called after events that may have changed that, and when the link is lost for no known reason:
    /// the kernel does not tell when somebody moves a monitor interface to another channel.
    public func check() throws(RadioError) {
        try checkLink()
        try port?.checkChannel(properties.frequency)
    }

    /// The radio's permanent address; `nil` where the kernel does not tell.
    public var permanentAddress: MACAddress? { SystemFiles().permanentAddress(ofWiphy: wiphy) }

    /// Whether rfkill switches the radio off now.
    public var isSwitchedOff: Bool { SystemFiles().rfkill(ofWiphy: wiphy) != .on }

    /// Puts the interface on its channel again and checks everything: for an interface that is up again, or that
    /// somebody moved.
    ///
    /// - Parameter settingUp: sets the interface up first: rfkill had set it down, and nobody else sets it up.
    public func restore(settingUp: Bool) throws(RadioError) {
        if settingUp {
            guard !isSwitchedOff else { throw .radioBlocked(wiphy: wiphy) }
            try control.setUp(interfaceIndex, name: interface)
        }
        try checkLink()
        try port?.setChannel(properties.frequency)
        try port?.checkChannel(properties.frequency)
    }

    /// Closes libpcap and removes the interface. The object is of no use afterwards.
    public func close() { port = nil }

    private func checkLink() throws(RadioError) {
        guard port != nil else { throw .closed(interface: interface) }
        guard let found = try control.wiphys().first(where: { $0.name == wiphy }) else {
            throw .interfaceGone(interface: interface)
        }
        try found.check(frequency: properties.frequency, regulatoryDomain: control.regulatoryDomain(of: found))
        let state = try control.linkState(interfaceIndex, name: interface)
        guard state.isUp else { throw .interfaceDown(interface: interface) }
        guard state.address == properties.address else {
            throw .addressNotKept(interface: interface, wanted: properties.address, found: state.address)
        }
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
