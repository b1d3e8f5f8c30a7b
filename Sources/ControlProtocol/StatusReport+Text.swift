extension StatusReport {
    /// The report for a person: a head and one table each for links, peers and sessions, without a line feed at the end.
    public var text: String {
        var parts = [
            """
            device   \(device)
            agent    relink \(version), process \(processIdentifier), up for \(Self.span(uptimeSeconds))
            kernel   \(kernel)
            """,
            linkTable.text,
        ]
        if let interface { parts.append(interface.table.text) }
        parts.append(peerTable.text)
        if let securityText { parts.append(securityText) }
        parts.append(sessions.isEmpty ? "no sessions" : sessionTable.text)
        var problems = links.compactMap { link in link.problem.map { "link \(link.id): \($0)" } }
        if let problem = interface?.problem { problems.append(problem) }
        if let recording { problems.append("recording to \(recording)") }
        if !problems.isEmpty { parts.append(problems.joined(separator: "\n")) }
        return parts.joined(separator: "\n\n")
    }

    private var linkTable: TextTable {
        var table = TextTable([
            "LINK", "RADIO", "INTERFACE", "STATE", "ADDRESS", "MHZ", "HELD AS", "ACK FROM", "SENT", "ACKED",
            "NOT ACKED",
            "RECEIVED",
            "DROPPED",
        ])
        for link in links {
            let counters = link.counters
            let state = link.cause.map { "\(link.state): \(EventReport.words($0))" } ?? link.state
            table.append([
                "\(link.id)", link.wiphy, link.interface, state, link.address ?? "-", "\(link.frequency)",
                link.way ?? "-", link.acknowledgmentText ?? "-", "\(counters.sent)", "\(counters.acknowledged)",
                "\(counters.notAcknowledged)",
                "\(counters.received)", "\(counters.dropped)",
            ])
        }
        return table
    }

    private var peerTable: TextTable {
        var table = TextTable([
            "PEER", "DEVICE", "KNOWN", "LINK", "ADDRESS", "HEALTH", "DELIVERY", "NO REPORT", "SIGNAL", "RATE",
        ])
        for peer in peers {
            for link in peer.links {
                table.append([
                    peer.name ?? "-", peer.device, peer.origin ?? "-", "\(link.id)", link.address, link.health,
                    "\(Int((link.deliveryRatio * 100).rounded()))%", link.unreported.map { "\($0)" } ?? "-",
                    link.signal.map { "\($0) dBm" } ?? "-",
                    link.station?.rateText ?? "-",
                ])
            }
        }
        return table
    }

    private var sessionTable: TextTable {
        var table = TextTable([
            "SESSION", "PEER", "TID", "ROLE", "STATE", "LINK", "REBUILDABLE", "REBUILDS", "POSITION", "QUEUED",
        ])
        for session in sessions {
            table.append([
                session.session, peers.first { $0.device == session.peer }?.name ?? session.peer, "\(session.tid)",
                session.role, session.state, Self.places(of: session), session.rebuildable ? "yes" : "no",
                "\(session.rebuilds)", "\(session.resumptionPosition)", "\(session.queued)",
            ])
        }
        return table
    }

    /// The links of a session: `1+2`, or the one on which it is asked for.
    private static func places(of session: Session) -> String {
        let links = session.links.isEmpty ? session.link.map { [$0] } ?? [] : session.links
        return links.isEmpty ? "-" : links.map(String.init).joined(separator: "+")
    }

    static func span(_ seconds: Double) -> String {
        let whole = Int(seconds)
        let (days, hours, minutes) = (whole / 86400, whole / 3600 % 24, whole / 60 % 60)
        if days > 0 { return "\(days) d \(hours) h" }
        if hours > 0 { return "\(hours) h \(minutes) min" }
        return minutes > 0 ? "\(minutes) min \(whole % 60) s" : "\(whole) s"
    }
}

extension StatusReport.Link {
    /// Where acknowledgments come from, and whether that is proved.
    var acknowledgmentText: String? {
        guard let acknowledgment, let acknowledgmentsProved else { return acknowledgment }
        return acknowledgment + (acknowledgmentsProved ? ", proved" : ", not yet proved")
    }
}

/// Rows of text in columns that are as wide as their widest cell.
package struct TextTable {
    private var rows: [[String]]

    /// Makes a table with its head.
    package init(_ head: [String]) { rows = [head] }

    /// Adds a row with as many cells as the head has.
    package mutating func append(_ row: [String]) { rows.append(row) }

    /// The table without a line feed at the end.
    package var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
