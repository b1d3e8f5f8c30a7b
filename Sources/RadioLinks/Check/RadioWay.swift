/// A way to hold a radio on the channel of its link: by which interfaces, and whether the radio acknowledges.
public enum RadioWay: String, Codable, Equatable, Sendable, CaseIterable {
    /// A plain monitor beside an idle access point with the link's address, the *anchor*: the radio acknowledges what is sent to that
    /// address, and what is injected with it goes out through the access point.
    case accessPoint = "ap"
    /// The same with a member of an IBSS.
    case ibss
    /// An active monitor, beside a plain one that tunes the radio.
    case active
    /// A plain monitor alone: the radio acknowledges nothing.
    case plain

    /// True if the radio acknowledges frames to the link's address, so that TX reports show which frames peers acknowledged.
    public var acknowledges: Bool { self != .plain }

    /// Its entry in what `iw phy` prints.
    fileprivate var listing: String {
        switch self {
        case .accessPoint: "AP under supported interface modes"
        case .ibss: "IBSS under supported interface modes"
        case .active: "the feature active monitor"
        case .plain: "monitor under supported interface modes"
        }
    }

    /// Its name in messages.
    var phrase: String {
        switch self {
        case .accessPoint: "an access point"
        case .ibss: "an IBSS"
        case .active: "an active monitor"
        case .plain: "a plain monitor"
        }
    }
}

/// Why a way to hold a radio can't be used as it is wanted.
public enum WayObstacle: Equatable, Sendable {
    /// The driver does not offer such an interface.
    case notOffered
    /// The kernel does not make it, for this cause.
    case refused(cause: String)
    /// Frames vanish: no TX report came back in the truth test.
    case noReport
    /// Frames to an absent address are reported as acknowledged.
    case falseReports
    /// The radio is on another channel, in MHz.
    case otherChannel(UInt16)
    /// Reports on payload frames come back with another length or type, so that it can't be told which frame they are about.
    case payloadReshaped
    /// The radio changes octets of payload frames that receivers rely on.
    case payloadChanged

    /// One lowerCamelCase word for programs.
    public var name: String {
        switch self {
        case .notOffered: "notOffered"
        case .refused: "refused"
        case .noReport: "noReport"
        case .falseReports: "falseReports"
        case .otherChannel: "otherChannel"
        case .payloadReshaped: "payloadReshaped"
        case .payloadChanged: "payloadChanged"
        }
    }

    /// The fault, to follow the name of the way.
    fileprivate var phrase: String {
        switch self {
        case .notOffered: "is not offered by the driver"
        case .refused(let cause): "is refused: \(cause)"
        case .noReport: "brings no TX report on frames to an absent address"
        case .falseReports: "reports frames to an absent address as acknowledged"
        case .otherChannel(let frequency): "leaves the radio at \(frequency) MHz"
        case .payloadReshaped: "reports on payload frames with another header than they were sent with"
        case .payloadChanged: "changes octets of payload frames that receivers rely on (addresses, TID, body)"
        }
    }

    /// The remedy for the user.
    fileprivate func remedy(for way: RadioWay) -> String {
        switch self {
        case .notOffered: "use a radio whose `iw phy` lists \(way.listing)"
        case .refused: "see what the kernel says about the radio: dmesg | tail"
        case .payloadChanged: "use another radio, and report this one with the driver's name"
        case .noReport, .falseReports, .payloadReshaped: "report it with the driver's name; docs/hardware.md lists what is known"
        case .otherChannel: "stop what else uses the radio (iw dev), or choose another channel"
        }
    }
}

/// A way that can't be used, and why.
public struct WayFailure: Equatable, Sendable {
    /// The way.
    public var way: RadioWay
    /// Why.
    public var obstacle: WayObstacle

    /// Makes one.
    public init(_ way: RadioWay, _ obstacle: WayObstacle) {
        self.way = way
        self.obstacle = obstacle
    }

    /// The way and what is wrong with it, in a few words.
    var cause: String { "\(way.phrase) \(obstacle.phrase)" }

    /// For reports.
    var problem: RadioProblem { RadioProblem(name: obstacle.name, cause: cause, remedy: obstacle.remedy(for: way)) }
}

extension MonitorRadioConfiguration {
    /// The ways to try on a radio, in order, and those that its driver does not offer though they are wanted.
    func ways(on wiphy: Wiphy) -> (offered: [RadioWay], missing: [RadioWay]) {
        guard acknowledgment != .frame else { return ([.plain], []) }
        var wanted: [RadioWay] =
            switch anchor {
            case .automatic: !wiphy.hasAccessPoint && wiphy.hasIBSS ? [.ibss] : [.accessPoint]
            case .accessPoint: [.accessPoint]
            case .ibss: [.ibss]
            case .none: []
            }
        wanted.append(.active)
        let missing = wanted.filter { !wiphy.offers($0) }
        return (wanted.filter { wiphy.offers($0) } + (acknowledgment == .mac ? [] : [.plain]), missing)
    }
}

extension Wiphy {
    fileprivate func offers(_ way: RadioWay) -> Bool {
        switch way {
        case .accessPoint: hasAccessPoint
        case .ibss: hasIBSS
        case .active: hasActiveMonitor
        case .plain: hasMonitor
        }
    }
}
