import Glibc
import IEEE80211
import RadioLinks
import SessionCore

@testable import Agent

/// A radio without a radio: it notes what it is given, and says what the test lets it say.
final class FakeRadio: AgentRadio {
    let identifier: LinkIdentifier
    var properties: LinkProperties
    let interfaceIndex: UInt32
    let wiphy: String
    var permanentAddress: MACAddress?
    let companionIndex: UInt32?
    let way = RadioWay.accessPoint
    let notes: [String] = []
    var counters = RadioCounters()
    var readinessDescriptor: CInt { signal.readable }

    /// What was handed to it and taken.
    private(set) var sent: [[UInt8]] = []
    private(set) var numbers: [TransmissionNumber] = []
    private(set) var isClosed = false
    /// The peers' radios, each time they were set, and how many frames had been sent by then.
    private(set) var peers: [(radios: [PeerRadio], sentBefore: Int)] = []
    private(set) var restorations = 0
    /// The number of checks.
    private(set) var checks = 0
    /// How often it was set up again.
    private(set) var timesSetUp = 0
    /// What rfkill says.
    var isSwitchedOff = false
    /// How often `send` says that there is no room.
    var refusals = 0
    /// How many frames `send` takes at once.
    var mostAtOnce = Int.max
    /// What `send` throws.
    var sendError: RadioError?
    /// What `receive` throws when it has handed over all.
    var receiveError: RadioError? { didSet { if receiveError != nil { signal.raise() } } }
    /// How long each packet takes, in microseconds, while somebody floods the radio: then `receive` hands over as many as it may.
    var floodedFor: UInt32? { didSet { floodedFor == nil ? signal.lower() : signal.raise() } }
    /// How often `receive` was asked.
    private(set) var receptions = 0
    /// What `check` and `restore` throw.
    var stateError: RadioError?
    private var indications: [(RadioIndication, mpdu: [UInt8])] = []
    private let signal = ReadinessSignal()

    init(_ configuration: MonitorRadioConfiguration, index: UInt32) {
        identifier = configuration.identifier
        wiphy = configuration.wiphy
        interfaceIndex = index
        companionIndex = index + 100
        properties = LinkProperties(
            address: configuration.address ?? MACAddress(rawValue: 0x0252_4c01_000a),
            frequency: configuration.frequency,
            acknowledgment: .mac)
    }

    /// Lets it tell something.
    func tell(_ indication: RadioIndication, mpdu: [UInt8] = []) {
        indications.append((indication, mpdu))
        signal.raise()
    }

    func send(_ frames: FrameBatch) throws(RadioError) -> Int {
        if let sendError { throw sendError }
        if refusals > 0 {
            refusals -= 1
            counters.backPressure += 1
            return 0
        }
        let taken = min(frames.count, mostAtOnce)
        frames.visitFirst(taken) { number, mpdu in
            sent.append(mpdu.withUnsafeBytes { [UInt8]($0) })
            numbers.append(number)
        }
        counters.sent += UInt64(taken)
        return taken
    }

    func receive(limit: Int, _ handler: (RadioIndication, Span<UInt8>) -> Void) throws(RadioError) -> Int {
        receptions += 1
        if let floodedFor {
            let mpdu: [UInt8] = [0]
            for _ in 0..<limit {
                usleep(floodedFor)
                handler(.frame(signal: nil, frequency: nil), mpdu.span)
            }
            return limit
        }
        signal.lower()
        let told = indications
        indications = []
        for (indication, mpdu) in told { handler(indication, mpdu.span) }
        if let receiveError { throw receiveError }
        return told.count
    }

    func check() throws(RadioError) {
        checks += 1
        if let stateError { throw stateError }
    }

    func restore(settingUp: Bool) throws(RadioError) {
        restorations += 1
        if settingUp { timesSetUp += 1 }
        if let stateError { throw stateError }
    }

    func setPeers(_ radios: [PeerRadio]) { peers.append((radios, sentBefore: sent.count)) }

    func report(of address: MACAddress) -> StationReport? {
        guard let radios = peers.last?.radios, radios.contains(where: { $0.address == address }) else { return nil }
        return StationReport(rate: 65, modulation: 7, frames: 7, retries: 1)
    }

    func close() { isClosed = true }
}

/// Events of a kernel that says what the test lets it say.
final class FakeEvents: RadioEventSource {
    var readinessDescriptor: CInt { signal.readable }
    private var events: [RadioEvent] = []
    private let signal = ReadinessSignal()

    func tell(_ event: RadioEvent) {
        events.append(event)
        signal.raise()
    }

    func receive(_ handler: (RadioEvent) -> Void) {
        signal.lower()
        let told = events
        events = []
        for event in told { handler(event) }
    }
}

/// A descriptor that is readable while it is raised.
final class ReadinessSignal {
    let readable: CInt
    private let writable: CInt
    private var isRaised = false

    init() {
        var ends: [CInt] = [-1, -1]
        pipe(&ends)
        readable = ends[0]
        writable = ends[1]
        _ = fcntl(readable, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(readable)
        close(writable)
    }

    func raise() {
        guard !isRaised else { return }
        isRaised = true
        var octet: UInt8 = 1
        write(writable, &octet, 1)
    }

    func lower() {
        guard isRaised else { return }
        isRaised = false
        var octet: UInt8 = 0
        read(readable, &octet, 1)
    }
}
