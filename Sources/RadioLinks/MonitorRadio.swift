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
    private var port: MonitorPort?
    private var traffic: RadioTraffic

    /// Makes the interface, sets it up and reads back what became of it; with `auto` and `mac` it also tests whether TX
    /// reports can be believed, which takes up to 1 s where none come. Blocks meanwhile. Leaves nothing behind when it
    /// throws.
    public init(configuration: MonitorRadioConfiguration) throws(RadioError) {
        try configuration.check()
        control = try RadioControl()
        let wiphy = try control.usableWiphy(for: configuration)
        var notes: [String] = []
        if try control.removeLeftOver(configuration.interface, on: wiphy) {
            notes.append("removed \(configuration.interface), which an earlier relink had left behind")
        }
        let active = try Self.openActive(configuration, on: wiphy, control: control, notes: &notes)
        isActive = active != nil
        let opened =
            if let active { active } else {
                try MonitorPort.open(configuration, on: wiphy, active: false, control: control, notes: &notes)
            }
        identifier = configuration.identifier
        properties = LinkProperties(
            address: opened.address, frequency: configuration.frequency, acknowledgment: isActive ? .mac : .frame)
        self.wiphy = wiphy.name
        interface = configuration.interface
        interfaceIndex = opened.interface.index
        self.notes = notes
        readinessDescriptor = opened.capture.descriptor
        traffic = RadioTraffic(acknowledgment: properties.acknowledgment)
        port = consume opened
    }

    /// What happened since the link was made.
    public var counters: RadioCounters {
        var counters = traffic.counters
        counters.dropped = port?.capture.dropped ?? 0
        return counters
    }

    /// Sends an MPDU; see `RadioLink`. On an active monitor the radio retries on its own; on a plain one, to which
    /// nobody's radio answers, it sends once.
    public func send(number: TransmissionNumber, mpdu: [UInt8]) throws(RadioError) -> SendResult {
        guard let result = try port?.send(traffic.packet(for: mpdu)) else { throw .closed(interface: interface) }
        switch result {
        case .sent: traffic.sent(number: number, mpdu: mpdu)
        case .backPressure: traffic.refused()
        }
        return result
    }

    /// Receives; see `RadioLink`.
    public func receive(limit: Int, _ handler: (RadioIndication) -> Void) throws(RadioError) {
        // The handler runs when libpcap is done, so that it may send and close.
        var indications: [RadioIndication] = []
        guard
            try port?.receive(
                limit: limit,
                { packet in
                    if let indication = traffic.indication(of: packet) { indications.append(indication) }
                }) != nil
        else { throw .closed(interface: interface) }
        for indication in indications { handler(indication) }
    }

    /// Throws unless the link is still as it was made: there, up, with its address and on its channel, and the channel
    /// allowed. To be called after events that may have changed that, and when the link is lost for no known reason:
    /// the kernel does not tell when somebody moves a monitor interface to another channel.
    public func check() throws(RadioError) {
        try checkLink()
        try port?.interface.checkChannel(properties.frequency)
    }

    /// Puts the interface on its channel again and checks everything: for an interface that is up again, or that
    /// somebody moved.
    public func restore() throws(RadioError) {
        try checkLink()
        try port?.interface.setChannel(properties.frequency)
        try port?.interface.checkChannel(properties.frequency)
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

    /// An active monitor whose reports can be believed, if one is wanted and the radio can.
    private static func openActive(
        _ configuration: MonitorRadioConfiguration, on wiphy: Wiphy, control: RadioControl, notes: inout [String]
    ) throws(RadioError) -> MonitorPort? {
        guard configuration.acknowledgment != .frame else { return nil }
        var obstacle: AcknowledgmentObstacle? = .noActiveMonitor
        if wiphy.hasActiveMonitor {
            let port = try MonitorPort.open(configuration, on: wiphy, active: true, control: control, notes: &notes)
            obstacle = try AcknowledgmentTest.obstacle(on: port)
            if obstacle == nil { return port }
        }
        guard let obstacle else { return nil }
        let error = RadioError.macAcknowledgmentImpossible(wiphy: wiphy.name, reason: obstacle)
        if configuration.acknowledgment == .mac { throw error }
        notes.append("\(error.cause); the peer's agent acknowledges in frames instead")
        return nil
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

extension RadioControl {
    /// The radio that a configuration names, when it can be used as configured.
    fileprivate func usableWiphy(for configuration: MonitorRadioConfiguration) throws(RadioError) -> Wiphy {
        let wiphys = try wiphys()
        guard let wiphy = wiphys.first(where: { $0.name == configuration.wiphy }) else {
            throw .wiphyNotFound(name: configuration.wiphy, available: wiphys.map(\.name))
        }
        guard wiphy.hasMonitor else { throw .monitorUnsupported(wiphy: wiphy.name) }
        try wiphy.check(frequency: configuration.frequency, regulatoryDomain: regulatoryDomain(of: wiphy))
        return wiphy
    }
}
