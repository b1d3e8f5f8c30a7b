import ControlProtocol
import RadioLinks
import SessionCore

/// What trials of radios came to, as people and scripts read it.
public struct CheckReport: Codable, Equatable, Sendable {
    /// Whether every radio that was tried is usable, and one was.
    public var usable: Bool
    /// The radios that were tried, in order.
    public var links: [CheckedLink]

    /// Makes a report.
    public init(_ links: [CheckedLink]) {
        self.links = links
        usable = !links.isEmpty && links.allSatisfy(\.isUsable)
    }

    /// The report for a person, without a line feed at the end.
    public var text: String {
        var table = TextTable(["LINK", "RADIO", "DRIVER", "CHANNEL", "MHZ", "VERDICT", "WAY"])
        for link in links {
            table.append([
                link.link.map { "\($0)" } ?? "-", link.wiphy, link.driver ?? "-", link.channel.map { "\($0)" } ?? "-",
                link.frequency.map { "\($0)" } ?? "-", link.verdict.rawValue, link.way?.rawValue ?? "-",
            ])
        }
        let tried = links.contains { !$0.ways.isEmpty } ? [wayTable.text] : []
        let remarks = links.map(Self.remarks).filter { !$0.isEmpty }
        return ([table.text] + tried + remarks).joined(separator: "\n\n")
    }

    /// The outcome of each way to hold each radio.
    private var wayTable: TextTable {
        var table = TextTable([
            "RADIO", "WAY", "ACKNOWLEDGMENTS", "SENT TO NOBODY", "PAYLOAD", "BURST", "REPORTED", "MHZ", "WHY NOT",
        ])
        for link in links {
            for way in link.ways {
                table.append([
                    link.wiphy, way.way.rawValue, way.gives ?? "-", way.injected == 0 ? "-" : Self.text(way),
                    way.payload?.words ?? "-",
                    way.burst.map { "\($0.echoes) of \($0.injected)" } ?? "-", Self.reported(way),
                    Self.channel(way), way.problem?.cause ?? "",
                ])
            }
        }
        return table
    }

    private static func text(_ seen: WayReport) -> String {
        var text = "\(seen.echoes) of \(seen.injected) came back"
        if seen.echoes > 0 {
            text += seen.falseEchoes > 0 ? ", \(seen.falseEchoes) as acknowledged (false)" : ", none as acknowledged"
        }
        return text
    }

    private static func reported(_ seen: WayReport) -> String {
        let parts = (seen.reportsRetries ? ["retries"] : []) + (seen.reportsRate ? ["rate"] : [])
        return parts.isEmpty ? "-" : parts.joined(separator: ", ")
    }

    /// The channel by received frames or, where none came, by what the kernel says.
    private static func channel(_ seen: WayReport) -> String {
        let heard = seen.frequenciesHeard.map(String.init).joined(separator: ", ")
        return heard.isEmpty ? seen.frequencyReadBack.map { "\($0) (read back)" } ?? "-" : heard
    }

    private static func remarks(_ link: CheckedLink) -> String {
        var lines: [String] = []
        for problem in [link.problem].compactMap(\.self) + link.warnings {
            lines.append("  - \(problem.cause)")
            // MAC acknowledgments that can't be had are no fault to mend: the agent takes the other kind by itself.
            if link.isUsable && problem == link.problem {
                lines.append("    the peer's agent acknowledges in frames instead")
            } else {
                lines.append("    remedy: \(problem.remedy)")
            }
        }
        if link.acknowledgmentsProved == false {
            lines.append("  - acknowledgments not yet proved: that takes a peer (relink status)")
        }
        if let outstanding = link.outstanding, outstanding < LinkProperties.defaultOutstanding {
            lines.append("  - it does not report on many frames at once: at most \(outstanding) payloads to a peer wait for reports")
        }
        for interface in link.interfaces {
            let users = interface.programs.map(\.description).joined(separator: ", ")
            let power = interface.powerSave.map { $0 ? ", power save on" : ", power save off" } ?? ""
            lines.append(
                "  - beside it: \(interface.name), \(interface.mode.rawValue), \(interface.up ? "up" : "down")\(power)"
                    + (users.isEmpty ? "" : ", used by \(users)"))
        }
        guard !lines.isEmpty else { return "" }
        let channel = link.frequency.map { " at \($0) MHz" } ?? ""
        return "\(link.wiphy)\(channel): \(link.verdict.rawValue)\n" + lines.joined(separator: "\n")
    }
}

extension PayloadEcho {
    /// The fate of a payload frame, for a table.
    fileprivate var words: String {
        switch self {
        case .intact: "as sent"
        case .qosRebuilt: "as sent, QoS Control rebuilt"
        case .reshaped: "other header"
        case .changed: "changed"
        }
    }
}
