/// What a trial of one radio on one channel came to.
public struct CheckedLink: Codable, Equatable, Sendable {
    /// What the radio is good for.
    public enum Verdict: String, Codable, Equatable, Sendable {
        /// Its TX reports tell which frames the peer's radio acknowledged.
        case mac
        /// Frames go out and come in; the peer's agent has to acknowledge them in frames.
        case frame
        /// It can't be used; `problem` says why.
        case unusable
    }

    /// The link's ID in the configuration; left out for a radio named without one.
    public var link: Int?
    /// The radio's name in the kernel.
    public var wiphy: String
    /// The name of its driver.
    public var driver: String?
    /// The number of the channel; left out where it is not known.
    public var channel: Int?
    /// Centre frequency in MHz; left out where it is not known.
    public var frequency: UInt16?
    /// The two letters of the regulatory domain that applies to the radio.
    public var regulatoryDomain: String?
    /// What it is good for.
    public var verdict: Verdict
    /// The way in which an agent would hold it; left out when unusable.
    public var way: RadioWay?
    /// `false` where TX reports are to say what peers acknowledged: frames to an address that nobody has were reported as failed, and that
    /// a peer's acknowledgment is reported as one is not yet proved. Left out where acknowledgments come in frames.
    public var acknowledgmentsProved: Bool?
    /// The largest number of payloads to a peer that may wait for their TX reports; left out where acknowledgments come in frames.
    public var outstanding: Int?
    /// Why it is unusable, or why it gives no MAC acknowledgments though it may.
    public var problem: RadioProblem?
    /// What else the user should know.
    public var warnings: [RadioProblem] = []
    /// The outcome of every way to hold it, those first that the driver does not offer.
    public var ways: [WayReport] = []
    /// The radio's other interfaces.
    public var interfaces: [RadioInterface] = []

    /// Whether an agent can use it.
    public var isUsable: Bool { verdict != .unusable }

    /// Makes a result that says only that the radio was not tried.
    init(link: Int?, wiphy: String, frequency: UInt16?) {
        self.link = link
        self.wiphy = wiphy
        verdict = .unusable
        setFrequency(frequency)
    }

    /// Sets the channel by its centre frequency in MHz.
    mutating func setFrequency(_ frequency: UInt16?) {
        self.frequency = frequency
        channel = frequency.flatMap(Channel.place)?.number
    }
}

/// What is wrong with a radio, and what to do about it.
public struct RadioProblem: Codable, Equatable, Sendable {
    /// One lowerCamelCase word for programs.
    public var name: String
    /// What is wrong.
    public var cause: String
    /// The remedy for the user.
    public var remedy: String

    init(name: String, cause: String, remedy: String) {
        self.name = name
        self.cause = cause
        self.remedy = remedy
    }

    /// What an error says.
    init(_ error: RadioError) { self.init(name: error.name, cause: error.cause, remedy: error.remedy) }
}

extension RadioProblem {
    /// Warnings about a radio that is held in `way`, and of what else is on it.
    static func warnings(
        wiphy: String, way: RadioWay, ways: [WayReport], interfaces: [RadioInterface], managers: [RunningProgram]
    ) -> [RadioProblem] {
        var warnings: [RadioProblem] = []
        if way == .plain, ways.last(where: { $0.way == .plain })?.isEchoed == false {
            warnings.append(
                RadioProblem(
                    name: "noEcho",
                    cause: "\(wiphy) brings no TX report, so nothing here proves that its frames go out",
                    remedy: "some drivers never report; see on a second device whether frames arrive (relink status)"))
        }
        for interface in interfaces where interface.powerSave == true && interface.mode != .monitor {
            warnings.append(
                RadioProblem(
                    name: "powerSave", cause: "\(interface.name) has power save on, and some radios then hear nothing",
                    remedy: "switch it off (iw dev \(interface.name) set power_save off)"))
        }
        let others = interfaces.filter { !$0.madeByRelink }
        for manager in managers where !others.isEmpty && manager.name == "NetworkManager" {
            let names = others.map(\.name)
            warnings.append(
                RadioProblem(
                    name: "manager", cause: "\(manager) may take \(names.joined(separator: " and "))",
                    remedy: names.map { "nmcli device set \($0) managed no" }.joined(separator: "; ")))
        }
        return warnings
    }
}
