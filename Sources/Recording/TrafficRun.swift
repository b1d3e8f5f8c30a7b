import SessionCore

/// Lines of payload traffic, and what they come to.
struct TrafficRun {
    var lines: [String] = []
    /// Payloads that the host handed over, that were received, and that were delivered.
    var taken = 0
    var received = 0
    var delivered = 0
    /// Frames of others, and damaged ones.
    var foreign = 0
    /// Reports.
    var acknowledged = 0
    private var first: String?
    private var last: String?
    /// The payloads that were sent, in runs of successive ones.
    private var spans: [Span] = []

    /// Payloads of a session that were sent on a link one after the other.
    private struct Span {
        var session: SessionIdentifier?
        var link: LinkIdentifier
        var first: SequenceNumber?
        var count: Int

        /// True if another span continues where this one ends.
        func goesOn(with other: Span) -> Bool {
            session == other.session && link == other.link && first?.advanced(by: count) == other.first
        }
    }

    /// Shorter ones are told line by line.
    private static let shortest = 4
    /// The number of spans that a line names.
    private static let mostSpans = 8

    /// True if it is long enough for a line of its own.
    var isLong: Bool { lines.count >= Self.shortest }

    /// Notes when something was handed in.
    mutating func note(_ time: String) {
        first = first ?? time
        last = time
    }

    /// Notes a payload that was sent; `nil` when it can't be read.
    mutating func send(_ carried: FrameWords.Carried?, _ link: LinkIdentifier) {
        add(Span(session: carried?.session, link: link, first: carried?.sequence, count: 1))
    }

    private mutating func add(_ span: Span) {
        if let before = spans.last, before.goesOn(with: span) {
            spans[spans.count - 1].count += span.count
        } else {
            spans.append(span)
        }
    }

    /// Adds what follows.
    mutating func append(_ other: TrafficRun) {
        lines += other.lines
        taken += other.taken
        received += other.received
        delivered += other.delivered
        foreign += other.foreign
        acknowledged += other.acknowledged
        first = first ?? other.first
        last = other.last ?? last
        for span in other.spans { add(span) }
    }

    /// The run as one line.
    var summary: String {
        let hash = DecisionHash.text(lines.flatMap { Array($0.utf8) + [10] })
        var parts: [String] = []
        if taken > 0 { parts.append("host \(taken)") }
        if received > 0 { parts.append("receive \(received)") }
        if foreign > 0 { parts.append("foreign \(foreign)") }
        if acknowledged > 0 { parts.append("acknowledged \(acknowledged)") }
        if !spans.isEmpty { parts.append(sending) }
        if delivered > 0 { parts.append("deliver \(delivered)") }
        let end = last == first ? "" : " to \(last ?? "")"
        return "\(first ?? "")\(end) traffic, \(lines.count) lines [\(hash)]: \(parts.joined(separator: ", "))"
    }

    private var sending: String {
        var text = "send \(spans.reduce(0) { $0 + $1.count })"
        var before: Span?
        for span in spans.prefix(Self.mostSpans) {
            if span.link != before?.link { text += " link \(span.link)" }
            if let session = span.session, session != before?.session { text += " session \(session)" }
            if let first = span.first {
                text += " \(first.rawValue)"
                if span.count > 1 { text += "-\(first.advanced(by: span.count - 1).rawValue)" }
            }
            before = span
        }
        return text + (spans.count > Self.mostSpans ? " …" : "")
    }
}
