import RadioLinks

/// Which radios a user names: `phy0`, `phy0@36`, `phy0@5180`, or with a configuration the links in it by ID or by radio.
public enum LinkSelection {
    /// Why a name stands for nothing.
    public enum Problem: Error, Equatable, Sendable, CustomStringConvertible {
        /// What stands behind the `@` is no channel.
        case noChannel(String)
        /// The name is empty.
        case noRadio(String)
        /// The configuration has no such link.
        case notConfigured(String, known: [String])

        /// The cause and the remedy.
        public var description: String {
            switch self {
            case .noChannel(let name):
                "'\(name)' names no 20 MHz channel; write phy0@36, or phy0@5180 with the centre frequency in MHz (at 6 GHz always)"
            case .noRadio(let name): "'\(name)' names no radio; write phy0, phy0@36 or phy0@5180"
            case .notConfigured(let name, let known):
                "the configuration has no link '\(name)'; it has \(known.joined(separator: ", "))"
            }
        }
    }

    /// A radio with or without a channel. A number up to 233 is that of a channel, as `channel` in the configuration is; one from
    /// 2412 on is a frequency in MHz.
    public static func request(_ name: String) throws(Problem) -> LinkCheck.Request {
        let parts = name.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard let wiphy = parts.first, !wiphy.isEmpty else { throw .noRadio(name) }
        if parts.count == 1 { return LinkCheck.Request(wiphy: wiphy) }
        guard parts.count == 2, let number = Int(parts[1]) else { throw .noChannel(name) }
        let frequency = number <= 233 ? Channel.frequency(of: number) : UInt16(exactly: number)
        guard let frequency, Channel.exists(at: Int(frequency)) else { throw .noChannel(name) }
        return LinkCheck.Request(wiphy: wiphy, frequency: frequency)
    }

    /// The links of a configuration that these names stand for, by ID or by radio; all without names.
    public static func requests(
        _ names: [String], in configuration: AgentConfiguration
    ) throws(Problem) -> [LinkCheck.Request] {
        if names.isEmpty { return configuration.links.map(LinkCheck.Request.init) }
        var requests: [LinkCheck.Request] = []
        for name in names {
            guard let link = configuration.links.first(where: { "\($0.identifier)" == name || $0.wiphy == name }) else {
                throw .notConfigured(name, known: configuration.links.map { "\($0.identifier) (\($0.wiphy))" })
            }
            requests.append(LinkCheck.Request(link))
        }
        return requests
    }
}
