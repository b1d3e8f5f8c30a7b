import SessionCore

/// Reports on transmissions that a recording does not have: where acknowledgments come from the MAC, each has the fate of the recorded
/// transmission on the same link that is nearest in time.
struct MadeUpReports {
    /// Reports that are due, by time.
    private var waiting: [(instant: MonotonicInstant, input: Input)] = []
    private let fates: [[WhatIf.Fate]]
    private var acknowledges = [Bool](repeating: false, count: 16)

    /// Approximate time that a radio takes to report.
    private static let delay = Duration.microseconds(300)

    /// Takes the fates of the recording's transmissions, by link ID, in the order of time.
    init(fates: [[WhatIf.Fate]]) { self.fates = fates }

    /// When the next one is due.
    var nextInstant: MonotonicInstant? { waiting.first?.instant }

    /// Takes the next one.
    mutating func next() -> Input { waiting.removeFirst().input }

    /// Notes where acknowledgments come from on a link.
    mutating func linkUp(_ link: LinkIdentifier, _ properties: LinkProperties) {
        acknowledges[Int(link.rawValue)] = properties.acknowledgment == .mac
    }

    /// Makes up the report on a transmission, if the link's radio makes any.
    mutating func sent(_ number: TransmissionNumber, on link: LinkIdentifier, at instant: MonotonicInstant) {
        guard acknowledges[Int(link.rawValue)] else { return }
        let input = Input.transmissionReported(link: link, number: number, acknowledged: fate(on: link, at: instant))
        waiting.append((instant + Self.delay, input))
    }

    private func fate(on link: LinkIdentifier, at instant: MonotonicInstant) -> Bool {
        let fates = fates[Int(link.rawValue)]
        var (low, high) = (0, fates.count)
        while low < high {
            let middle = (low + high) / 2
            if fates[middle].instant < instant { low = middle + 1 } else { high = middle }
        }
        guard low < fates.count else { return fates.last?.acknowledged ?? false }
        guard low > 0 else { return fates[low].acknowledged }
        let isBefore = instant - fates[low - 1].instant < fates[low].instant - instant
        return fates[isBefore ? low - 1 : low].acknowledged
    }
}
