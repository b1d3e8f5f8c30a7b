/// The two kinds of monitor interface (nl80211: `NL80211_MNTR_FLAG_ACTIVE`).
public enum MonitorKind: String, Codable, Equatable, Sendable {
    /// The radio acknowledges frames to the interface's address, and its TX reports say what peers acknowledged.
    case active
    /// The radio acknowledges nothing.
    case plain
}

/// What a monitor interface showed of itself when frames to addresses that nobody has were sent through it.
public struct MonitorObservations: Codable, Equatable, Sendable {
    /// Which kind of interface it was.
    public var monitor: MonitorKind
    /// Centre frequency that the interface was set to, in MHz.
    public var frequency: UInt16
    /// What the kernel said afterwards; left out where it told none.
    public var frequencyReadBack: UInt16?
    /// The frequencies that radiotap told, of frames of others and of TX reports that have it.
    public var frequenciesHeard: [UInt16] = []
    /// Frames that the kernel took.
    public var injected = 0
    /// TX reports that came back.
    public var echoes = 0
    /// Reports that say that a frame was acknowledged, though nobody was there to do so.
    public var falseEchoes = 0

    /// Makes observations of an interface before anything was sent.
    public init(monitor: MonitorKind, frequency: UInt16, frequencyReadBack: UInt16?) {
        self.monitor = monitor
        self.frequency = frequency
        self.frequencyReadBack = frequencyReadBack
    }

    /// Whether every frame came back.
    public var isEchoed: Bool { injected > 0 && echoes == injected }

    /// What keeps the TX reports of an active monitor from being believed.
    var obstacle: AcknowledgmentObstacle? {
        if falseEchoes > 0 { return .falseReports }
        return isEchoed ? nil : .noReport
    }

    /// The channel that the radio really is on, where that is another one.
    var straying: UInt16? {
        if let frequencyReadBack, frequencyReadBack != frequency { return frequencyReadBack }
        return frequenciesHeard.contains(frequency) ? nil : frequenciesHeard.first
    }
}

/// Decides how a radio is used: with MAC acknowledgments or with those in frames, through an active or a plain monitor. The agent
/// and `relink check` both go by this, and by nothing else.
enum MonitorChoice: Equatable {
    /// Send frames through such an interface and come back with what was observed.
    case probe(MonitorKind)
    /// Use such an interface. `obstacle` is why the radio can't give MAC acknowledgments, `nil` when it can or need not.
    case use(MonitorKind, obstacle: AcknowledgmentObstacle?)
    /// The radio can't be used as it is wanted.
    case refuse(RadioError)

    /// What to decide by.
    struct Question {
        /// What is asked for.
        var wanted: MonitorRadioConfiguration.Acknowledgment
        /// The radio's name, for errors.
        var wiphy: String
        /// The interface's name, for errors.
        var interface: String
        /// Whether the driver offers active monitors.
        var hasActiveMonitor: Bool
        /// Whether a plain monitor has to be probed, too. Nothing depends on it: some drivers never report, and their frames
        /// go out all the same.
        var probesPlain: Bool
    }

    /// The next step after what was observed so far, in that order.
    static func next(_ question: Question, after observations: [MonitorObservations]) -> MonitorChoice {
        for seen in observations {
            guard let found = seen.straying else { continue }
            return .refuse(.channelNotKept(interface: question.interface, wanted: seen.frequency, found: found))
        }
        var obstacle: AcknowledgmentObstacle?
        if question.wanted != .frame {
            let active = observations.first { $0.monitor == .active }
            guard question.hasActiveMonitor || active != nil else {
                return withoutActive(question, .noActiveMonitor, observations)
            }
            guard let active else { return .probe(.active) }
            obstacle = active.obstacle
            if obstacle == nil { return .use(.active, obstacle: nil) }
        }
        return withoutActive(question, obstacle, observations)
    }

    private static func withoutActive(
        _ question: Question, _ obstacle: AcknowledgmentObstacle?, _ observations: [MonitorObservations]
    ) -> MonitorChoice {
        if question.wanted == .mac, let obstacle {
            return .refuse(.macAcknowledgmentImpossible(wiphy: question.wiphy, reason: obstacle))
        }
        let isProbed = observations.contains { $0.monitor == .plain }
        return question.probesPlain && !isProbed ? .probe(.plain) : .use(.plain, obstacle: obstacle)
    }
}
