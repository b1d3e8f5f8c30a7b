import IEEE80211
import SessionCore

/// Holds a radio in the way that suits it: does what `WayChoice` says, step by step.
struct WayTrial {
    let configuration: MonitorRadioConfiguration
    let wiphy: Wiphy
    let control: RadioControl
    /// The probe of a way.
    var probe = WayProbe()
    /// True if all ways are tried, and not only those up to the first that works.
    var probesEveryWay = false
    /// Opens a radio; tests put a decorator around it.
    var open: MonitorPortMaker = KernelPort.open
    /// Where the addresses come from that nobody has.
    var random = SeededRandom(seed: .random(in: .min ... .max))
    /// The observations, in the order of the trial.
    private(set) var reports: [WayReport] = []
    /// Notes for the user about the way in which the radio is held.
    private(set) var notes: [String] = []
    private var made: (port: any MonitorPort, way: RadioWay)?

    /// A radio that is held.
    struct Result {
        var port: any MonitorPort
        var way: RadioWay
        var failures: [WayFailure]
        /// The largest number of payloads to a peer that may wait for their reports.
        var outstanding = LinkProperties.defaultOutstanding
    }

    init(configuration: MonitorRadioConfiguration, wiphy: Wiphy, control: RadioControl) {
        self.configuration = configuration
        self.wiphy = wiphy
        self.control = control
    }

    /// Holds the radio. Blocks for up to 1 s for every way that brings no TX reports, 3 s for an IBSS that is not joined. Leaves nothing behind when it throws.
    mutating func run() throws(RadioError) -> Result {
        let (way, failures) = try decide()
        defer { made = nil }
        let outstanding = reports.last { $0.way == way }?.outstanding ?? LinkProperties.defaultOutstanding
        if let made, made.way == way {
            return Result(port: made.port, way: way, failures: failures, outstanding: outstanding)
        }
        made = nil
        return Result(port: try make(way, absentAddress()), way: way, failures: failures, outstanding: outstanding)
    }

    /// Tries ways until it is clear which one to use.
    mutating func decide() throws(RadioError) -> (way: RadioWay, failures: [WayFailure]) {
        let (offered, missing) = configuration.ways(on: wiphy)
        let question = WayChoice.Question(
            wiphy: wiphy.name, ways: offered, missing: missing, probesEveryWay: probesEveryWay)
        if probesEveryWay {
            reports += missing.map { WayReport(WayFailure($0, .notOffered), frequency: configuration.frequency) }
        }
        var outcomes: [RadioWay: WayChoice.Outcome] = [:]
        while true {
            switch WayChoice.next(question, after: outcomes) {
            case .probe(let way): outcomes[way] = try outcome(of: way)
            case .use(let way, let failures): return (way, failures)
            case .refuse(let error):
                made = nil
                throw error
            }
        }
    }

    private mutating func outcome(of way: RadioWay) throws(RadioError) -> WayChoice.Outcome {
        // All ways use the same names for interfaces: one goes before the next comes.
        made = nil
        var obstacle: WayObstacle?
        var report = WayReport(way: way, frequency: configuration.frequency)
        do throws(RadioError) {
            let port = try make(way, absentAddress())
            // Not the anchor's own station: peers have no station entry either.
            try probe.observe(port, absentAddress: absentAddress(), &report)
            obstacle = report.obstacle
            made = (port, way)
        } catch {
            guard error.concernsOneWay else { throw error }
            obstacle = .refused(cause: error.cause)
        }
        report.problem = obstacle.map { WayFailure(way, $0).problem }
        reports.append(report)
        return obstacle.map { .fails($0) } ?? .works
    }

    /// A random individual address that is locally administered (IEEE Std 802-2014, 8.2): nobody has it.
    private mutating func absentAddress() -> MACAddress {
        MACAddress(rawValue: UInt64.random(in: 0...0xffff_ffff_ffff, using: &random) & ~(1 << 40) | 1 << 41)
    }

    private mutating func make(_ way: RadioWay, _ absentAddress: MACAddress) throws(RadioError) -> any MonitorPort {
        var told: [String] = []
        let order = HoldOrder(
            configuration: configuration, wiphy: wiphy, way: way, absentAddress: absentAddress, control: control)
        let port = try open(order, &told)
        for note in told where !notes.contains(note) { notes.append(note) }
        return port
    }
}

extension RadioError {
    /// True if another way to hold the radio may not need what failed.
    fileprivate var concernsOneWay: Bool {
        switch self {
        case .refused, .channelBusy, .channelNotKept, .addressNotKept, .anchorStopped: true
        default: false
        }
    }
}
