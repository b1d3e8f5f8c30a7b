/// What `relink top` shows: the state of an agent and its last failovers, as lines that fit a terminal.
///
/// A pure function of what it has heard: it knows no clock and no terminal.
public struct TopScreen: Sendable {
    /// How something is, which a terminal with colours shows by them, too.
    public enum Mark: Equatable, Sendable {
        /// Plain.
        case plain
        /// A heading.
        case heading
        /// All is well.
        case good
        /// In doubt, or under way.
        case doubtful
        /// Lost or broken.
        case bad
    }

    /// A session's way back.
    private struct Failover {
        var session: String
        var began: EventReport
        var ended: EventReport?
    }

    private var status: StatusReport?
    private var before: StatusReport?
    private var failovers: [Failover] = []

    private static let rememberedFailovers = 64

    /// Makes a screen that knows nothing yet.
    public init() {}

    /// Takes in how the agent is; rates are those since the status before.
    public mutating func take(_ report: StatusReport) {
        before = status
        status = report
    }

    /// Takes in what happened.
    public mutating func take(_ event: EventReport) {
        guard let session = event.session else { return }
        switch event.event {
        case "interrupted", "sharedLinkLost":
            failovers.append(
                Failover(session: session, began: event, ended: event.event == "interrupted" ? nil : event))
            if failovers.count > Self.rememberedFailovers { failovers.removeFirst() }
        case "rebuilt", "refused", "ended", "establishedAnew":
            guard let index = failovers.lastIndex(where: { $0.session == session && $0.ended == nil }) else { return }
            failovers[index].ended = event
        default: break
        }
    }

    /// The lines for a terminal of this size, none longer than it is wide, no more than it is high.
    public func lines(columns: Int, rows: Int) -> [(text: String, mark: Mark)] {
        guard let status else { return [("waiting for the agent", .plain)].prefix(max(0, rows)).map(\.self) }
        var lines: [(text: String, mark: Mark)] = [(head(status), .heading)]
        lines.append(("", .plain))
        lines.append(
            (
                Self.row(
                    ["LINK", "MHZ", "STATE", "PEER", "HEALTH", "DBM", "DELIVERY", "MBIT", "AIR", "SENT/S", "RECV/S"],
                    Self.linkWidths),
                .heading
            ))
        lines += linkLines(status)
        lines.append((acknowledgmentLine(status), .plain))
        lines.append(("", .plain))
        lines.append(
            (
                Self.row(
                    ["SESSION", "PEER", "TID", "ROLE", "STATE", "LINKS", "NEXT", "PAY/S", "QUEUED"], Self.sessionWidths),
                .heading
            ))
        lines += sessionLines(status)
        lines.append(("", .plain))
        lines.append(("LAST FAILOVERS", .heading))
        let room = max(1, rows - lines.count - 1)
        lines += failoverLines(columns).suffix(room)
        lines = Array(lines.prefix(max(0, rows - 1)))
        if rows > 1 {
            while lines.count < rows - 1 { lines.append(("", .plain)) }
            lines.append(("q ends", .plain))
        }
        return lines.map { (Self.cut($0.text, columns), $0.mark) }
    }

    // MARK: Parts

    private static let linkWidths = [4, 5, 10, 8, 8, 4, 10, 5, 4, 6, 6]
    private static let sessionWidths = [9, 8, 3, 9, 12, 6, 10, 6, 6]

    private func head(_ status: StatusReport) -> String {
        "relink top  \(status.device)  up \(Int(status.uptimeSeconds)) s"
            + (status.recording.map { "  recording to \($0)" } ?? "")
    }

    /// How many seconds lie between the last two reports.
    private var seconds: Double? {
        guard let status, let before, status.uptimeSeconds > before.uptimeSeconds else { return nil }
        return status.uptimeSeconds - before.uptimeSeconds
    }

    private func rate(_ now: UInt64, _ then: UInt64?) -> String {
        guard let seconds, let then, now >= then else { return "-" }
        return "\(Int((Double(now - then) / seconds).rounded()))"
    }

    /// The share of the time since the report before in which payloads were on their way to a peer on a link.
    private func busyShare(of link: StatusReport.PeerLink, _ peer: String) -> String {
        let then = before?.peers.first { Self.name($0) == peer }?.links.first { $0.id == link.id }?.busySeconds
        guard let seconds, let now = link.busySeconds, let then, now >= then else { return "-" }
        return "\(Int((min(1, (now - then) / seconds) * 100).rounded()))%"
    }

    private func linkLines(_ status: StatusReport) -> [(text: String, mark: Mark)] {
        status.links.flatMap { link -> [(text: String, mark: Mark)] in
            let then = before?.links.first { $0.id == link.id }?.counters
            let state = link.cause.map(EventReport.words) ?? link.state
            let rates = [rate(link.counters.sent, then?.sent), rate(link.counters.received, then?.received)]
            let peers = status.peers.flatMap { peer in
                peer.links.filter { $0.id == link.id }.map { (Self.name(peer), $0) }
            }
            guard !peers.isEmpty else {
                return [
                    (
                        Self.row(
                            ["\(link.id)", "\(link.frequency)", state, "-", "-", "-", "-", "-", "-"] + rates, Self.linkWidths
                        ),
                        link.state == "up" ? .plain : .bad
                    )
                ]
            }
            return peers.enumerated().map { index, peer in
                let percent = Int((peer.1.deliveryRatio * 100).rounded())
                let first = index == 0 ? ["\(link.id)", "\(link.frequency)", state] : ["", "", ""]
                let cells =
                    first + [
                        peer.0, peer.1.health, peer.1.signal.map(String.init) ?? "-",
                        "\(Self.bar(peer.1.deliveryRatio)) \(percent)%", peer.1.station?.rateNumber ?? "-", busyShare(of: peer.1, peer.0),
                    ]
                return (Self.row(cells + (index == 0 ? rates : ["", ""]), Self.linkWidths), Self.mark(peer.1.health))
            }
        }
    }

    /// Where each link's acknowledgments come from, whether that is proved, and how many transmissions got no TX report.
    private func acknowledgmentLine(_ status: StatusReport) -> String {
        let texts = status.links.map { link in
            let counts = status.peers.flatMap(\.links).filter { $0.id == link.id }.compactMap(\.unreported)
            let unreported = counts.reduce(0, +)
            return "link \(link.id) \(link.acknowledgmentText ?? "-")"
                + (unreported > 0 ? ", \(unreported) without a report" : "")
        }
        return "acknowledgments: " + texts.joined(separator: "; ")
    }

    private func sessionLines(_ status: StatusReport) -> [(text: String, mark: Mark)] {
        guard !status.sessions.isEmpty else { return [("none", .plain)] }
        return status.sessions.map { session in
            let then = before?.sessions.first { $0.session == session.session && $0.role == session.role }
            let peer = status.peers.first { $0.device == session.peer }.map(Self.name) ?? session.peer
            let links = session.links.isEmpty ? session.link.map { [$0] } ?? [] : session.links
            let cells = [
                String(session.session.prefix(8)), peer, "\(session.tid)", session.role, session.state,
                links.isEmpty ? "-" : links.map(String.init).joined(separator: "+"), "\(session.resumptionPosition)",
                rate(UInt64(session.resumptionPosition), then.map { UInt64($0.resumptionPosition) }),
                "\(session.queued)",
            ]
            let mark: Mark = session.state == "live" ? .good : session.state == "interrupted" ? .bad : .doubtful
            return (Self.row(cells, Self.sessionWidths), mark)
        }
    }

    /// A failover in a line: when, which session, from where to where, and a bar as long as it took.
    private func failoverLines(_ columns: Int) -> [(text: String, mark: Mark)] {
        guard !failovers.isEmpty else { return [("none yet", .plain)] }
        let longest = failovers.compactMap(Self.milliseconds).max() ?? 1
        return failovers.map { failover in
            let time = failover.began.wallClock.split(separator: "T").last.map { String($0.prefix(12)) } ?? ""
            let from = failover.began.link.map { "link \($0)" } ?? "?"
            var text = "\(time)  \(failover.session.prefix(8))  \(from) > "
            guard let end = failover.ended else { return (text + "…", .doubtful) }
            switch end.event {
            case "rebuilt": text += end.link.map { "link \($0)" } ?? "?"
            case "sharedLinkLost":
                return (text + "went on on " + (end.links ?? []).map(String.init).joined(separator: "+"), .good)
            default: return (text + EventReport.words(end.event), .bad)
            }
            let took = Self.milliseconds(failover) ?? 0
            let digits = "\(Int((took * 10).rounded()))"
            let number = (digits.count > 1 ? "\(digits.dropLast())" : "0") + ".\(digits.suffix(1)) ms"
            let room = max(1, min(30, columns - text.count - number.count - 4))
            let length = max(1, Int((took / max(longest, 0.001) * Double(room)).rounded()))
            return (text + "  " + String(repeating: "#", count: min(room, length)) + " " + number, .good)
        }
    }

    private static func milliseconds(_ failover: Failover) -> Double? {
        guard let end = failover.ended, end.event == "rebuilt" else { return nil }
        return Double(end.monotonicNanoseconds - end.liveBefore - failover.began.monotonicNanoseconds) / 1e6
    }

    private static func name(_ peer: StatusReport.Peer) -> String { peer.name ?? String(peer.device.suffix(8)) }

    private static func mark(_ health: String) -> Mark {
        switch health {
        case "alive": .good
        case "suspect": .doubtful
        case "lost", "down": .bad
        default: .plain
        }
    }

    private static func bar(_ ratio: Double) -> String {
        let filled = max(0, min(5, Int((ratio * 5).rounded())))
        return String(repeating: "#", count: filled) + String(repeating: ".", count: 5 - filled)
    }

    private static func row(_ cells: [String], _ widths: [Int]) -> String {
        zip(cells, widths).map { cell, width in
            let text = cut(cell, width)
            return text + String(repeating: " ", count: width - text.count)
        }.joined(separator: " ")
    }

    private static func cut(_ text: String, _ width: Int) -> String {
        text.count <= width ? text : String(text.prefix(max(0, width - 1))) + (width > 0 ? "…" : "")
    }
}
