import Foundation
import IEEE80211
import SessionCore
import TestSupport
import Testing
import VirtualAir

/// Interruption of a steady stream by the loss of a link, in virtual time: a result of the thresholds, not of the machine. The air
/// takes 100 µs a frame. `gaps.md` has what is expected; `tools/decisions --gaps` makes it anew.
@Suite struct GapTests {
    /// The kind of loss of a link.
    enum Loss: String, CaseIterable {
        case upButDead = "up but dead"
        case oneWay = "one way"
        case otherWay = "other way"
        case interfaceDown = "interface down"
        case receiverDown = "receiver down"
    }

    /// A stream and what interrupts it: a row of the table.
    struct Row: CustomTestStringConvertible {
        var loss: Loss
        var acknowledgment: AcknowledgmentSource
        var perSecond: Int

        var testDescription: String { "\(loss.rawValue), \(acknowledgment), \(perSecond) a second" }
        /// The cells by which it is found.
        var key: String { "| \(loss.rawValue) | `\(acknowledgment)` | \(perSecond) |" }

        /// The goal set before anything was measured: dead links that nothing reports are found within this, in the median.
        var mostMilliseconds: Int { acknowledgment == .frame ? 60 : perSecond < 1000 ? 20 : 10 }
    }

    static let rows = Loss.allCases.flatMap { loss in
        AcknowledgmentSource.allCases.flatMap { acknowledgment in
            [50, 200, 1000].map { Row(loss: loss, acknowledgment: acknowledgment, perSecond: $0) }
        }
    }

    static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "gaps.md")
    static let losses = 30

    @Test("REB-1, REB-3: thirty losses have the gaps of the table, and lose or double nothing", arguments: rows)
    func gap(row: Row) throws {
        let gaps = Self.gaps(row, isSecured: Environment.isSecured)
        #expect(gaps.count == Self.losses)
        #expect(gaps[gaps.count / 2] <= .milliseconds(row.mostMilliseconds))
        let table = String(decoding: try Data(contentsOf: Self.file), as: UTF8.self).split(separator: "\n")
        let line = try #require(table.first { $0.hasPrefix(row.key) })
        let cells = line.dropFirst(row.key.count).split(separator: "|").map { $0.filter { $0 != " " } }
        let expected = Environment.isSecured ? cells.suffix(2) : cells.prefix(2)
        #expect(Self.cells(gaps) == Array(expected), "if that is meant: tools/decisions --gaps, and look at the diff")
    }

    @Test("the table has these rows and no others")
    func table() throws {
        let text = String(decoding: try Data(contentsOf: Self.file), as: UTF8.self)
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("|") }.count == Self.rows.count + 2)
    }

    @Test("makes the table anew", .enabled(if: ProcessInfo.processInfo.environment["RELINK_MAKE_GAPS"] != nil))
    func remake() throws {
        let lines = Self.rows.map { row in
            let cells = [false, true].flatMap { Self.cells(Self.gaps(row, isSecured: $0)) }
            return "\(row.key) \(cells.joined(separator: " | ")) |\n"
        }
        #expect(lines.count == Self.rows.count)
        try Data((Self.head + lines.joined()).utf8).write(to: Self.file)
    }

    static let head = """
        # Gaps in a steady stream

        How long the loss of the session's link interrupts a stream of payloads, between two engines in virtual time: the longest pause between
        two deliveries, less the stream's interval, of \(losses) losses each. The air takes 100 µs a frame, and nothing else takes time, so this
        is what the rules and the default thresholds make of it. `GapTests` compares; `tools/decisions --gaps` makes this file anew.

        `up but dead`: nothing arrives any more, in both directions, and nobody is told. `one way`: what the sender sends vanishes. `other way`: what
        the receiver sends vanishes, acknowledgments included. `interface down`, `receiver down`: the kernel reports it at the
        sender's end, or at the receiver's. Acknowledgments come from the MAC or in frames.

        | loss | acknowledgment | payloads a second | median gap (ms) | longest gap (ms) | with a key: median | longest |
        | --- | --- | ---: | ---: | ---: | ---: | ---: |

        """

    /// The median and the longest of the gaps, in milliseconds.
    private static func cells(_ gaps: [Duration]) -> [String] {
        func text(_ gap: Duration) -> String {
            let microseconds = gap.components.seconds * 1_000_000 + gap.components.attoseconds / 1_000_000_000_000
            let digits = String(abs(microseconds) % 1000)
            let sign = microseconds < 0 ? "-" : ""
            return "\(sign)\(abs(microseconds) / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
        }
        guard let longest = gaps.last else { return [] }
        return [text(gaps[gaps.count / 2]), text(longest)]
    }

    // MARK: The stream

    /// The gaps of a row's losses, shortest first. Checks that nothing is lost or doubled.
    private static func gaps(_ row: Row, isSecured: Bool) -> [Duration] {
        var pair = Pair(acknowledgment: row.acknowledgment, isSecured: isSecured)
        pair.run(for: .milliseconds(300))
        let interval = Duration.microseconds(1_000_000 / row.perSecond)
        var random = SeededRandom(seed: 7)
        var sent = 0
        var gaps: [Duration] = []
        func send() {
            pair.send(payloads(sent..<sent + 1))
            sent += 1
        }
        func stream(_ count: Int) {
            for _ in 0..<count {
                send()
                pair.run(for: interval)
            }
        }
        for _ in 0..<losses {
            stream(row.perSecond / 2)
            guard let link = pair.status(Pair.a).sessions.first?.link else { break }
            // The loss comes between two payloads, the stream goes on as steadily as before.
            send()
            let phase = Duration.microseconds(Int64.random(in: 0..<1_000_000 / Int64(row.perSecond), using: &random))
            pair.run(for: phase)
            row.loss.set(true, link, &pair)
            let cut = pair.trace.count
            pair.run(for: interval - phase)
            stream(row.perSecond / 4)
            gaps.append(longestPause(in: pair, since: cut) - interval)
            row.loss.set(false, link, &pair)
        }
        pair.run(for: .seconds(1))
        #expect(pair.delivered(at: Pair.b) == payloads(0..<sent))
        return gaps.sorted()
    }

    private static func longestPause(in pair: Pair, since start: Int) -> Duration {
        func isDelivery(_ entry: Pair.Entry) -> Bool {
            if case .deliver = entry.output { entry.station == Pair.b } else { false }
        }
        let before = pair.trace[..<start].last(where: isDelivery)
        let times = ([before].compactMap(\.self) + pair.trace[start...].filter(isDelivery)).map(\.instant)
        return zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? .zero
    }
}

extension GapTests.Loss {
    fileprivate func set(_ isLost: Bool, _ link: LinkIdentifier, _ pair: inout Pair) {
        switch self {
        case .upButDead: pair.setDead(link, isLost)
        case .oneWay: pair.setFaults(from: Pair.a, on: link) { $0.isCut = isLost }
        case .otherWay: pair.setFaults(from: Pair.b, on: link) { $0.isCut = isLost }
        case .interfaceDown: isLost ? pair.linkDown(link, at: Pair.a) : pair.linkUp(link, at: Pair.a)
        case .receiverDown: isLost ? pair.linkDown(link, at: Pair.b) : pair.linkUp(link, at: Pair.b)
        }
    }
}
