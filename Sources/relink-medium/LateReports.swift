import LabMedium
import SessionCore

/// Reports that hwsim did not know what to do with. It hands a frame to the medium before it notes that it waits for the report, and a
/// report that comes between the two would be lost, so it is tried again; a frame that hwsim has dropped is never known.
struct LateReports {
    /// A report, and how often it was tried in vain.
    struct Item {
        let report: TransmissionReport
        fileprivate var failures = 0
        fileprivate var due = MonotonicInstant(nanoseconds: 0)

        init(report: TransmissionReport) { self.report = report }
    }

    /// The first pause; each is twice as long as the one before, a tenth of a second in all.
    private static let pause: Duration = .microseconds(100)
    private static let mostFailures = 10

    private var items: [Item] = []

    /// Keeps a report that was refused, unless it was so too often.
    mutating func keep(_ item: Item, now: MonotonicInstant) {
        guard item.failures < Self.mostFailures else { return }
        var item = item
        item.due = now + Self.pause * (1 << item.failures)
        item.failures += 1
        items.append(item)
    }

    /// A report that is due.
    mutating func next(now: MonotonicInstant) -> Item? {
        items.firstIndex { $0.due <= now }.map { items.remove(at: $0) }
    }

    /// When the next one is due.
    var nextDeadline: MonotonicInstant? { items.map(\.due).min() }
}
