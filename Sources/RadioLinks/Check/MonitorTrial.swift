/// Makes the monitor interface that suits a radio: does what `MonitorChoice` says, step by step.
struct MonitorTrial {
    let configuration: MonitorRadioConfiguration
    let wiphy: Wiphy
    let control: RadioControl
    /// How monitor interfaces are probed.
    var probe = MonitorProbe()
    /// Whether plain monitors are probed, too.
    var probesPlain = false
    /// How monitor interfaces are made; tests put a decorator around them.
    var open: MonitorPortMaker = KernelPort.open
    /// What was observed.
    private(set) var observations: [MonitorObservations] = []
    /// What the user should know about how the interface was made.
    private(set) var notes: [String] = []

    /// A monitor interface to use.
    struct Result {
        var port: any MonitorPort
        var kind: MonitorKind
        var obstacle: AcknowledgmentObstacle?
    }

    init(configuration: MonitorRadioConfiguration, wiphy: Wiphy, control: RadioControl) {
        self.configuration = configuration
        self.wiphy = wiphy
        self.control = control
    }

    /// Makes it. Blocks for up to 1 s for every kind of interface that brings no TX reports. Leaves nothing behind when it
    /// throws.
    mutating func run() throws(RadioError) -> Result {
        let question = MonitorChoice.Question(
            wanted: configuration.acknowledgment, wiphy: wiphy.name, interface: configuration.interface,
            hasActiveMonitor: wiphy.hasActiveMonitor, probesPlain: probesPlain)
        var made: (port: any MonitorPort, kind: MonitorKind)?
        while true {
            switch MonitorChoice.next(question, after: observations) {
            case .probe(let kind):
                // Both kinds have the same name: the one goes before the other comes.
                made = nil
                let port = try make(kind)
                observations.append(try probe.observe(port, kind, frequency: configuration.frequency))
                made = (port, kind)
            case .use(let kind, let obstacle):
                if let made, made.kind == kind {
                    return Result(port: made.port, kind: kind, obstacle: obstacle)
                }
                made = nil
                return Result(port: try make(kind), kind: kind, obstacle: obstacle)
            case .refuse(let error): throw error
            }
        }
    }

    private mutating func make(_ kind: MonitorKind) throws(RadioError) -> any MonitorPort {
        var told: [String] = []
        let port = try open(configuration, wiphy, kind, control, &told)
        for note in told where !notes.contains(note) { notes.append(note) }
        return port
    }
}
