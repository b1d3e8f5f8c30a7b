import IEEE80211
import Recording
import SessionCore

/// The reports of the kernel in recordings: rates, retries, failures.
extension ReportBuilder {
    /// Adds what the devices' kernels reported of each other's radios.
    mutating func addRates(of peer: MACAddress?) {
        let own = sources.first?.configuration.mldAddress
        for (device, source) in sources.enumerated().prefix(2) {
            let other = device == 0 ? peer : own
            for (lane, place) in model.lanes.enumerated() {
                let reports = source.stations.filter { $0.peer == other && Int($0.link.rawValue) == place.link }
                if let rates = Self.rates(of: reports, device, lane, isMidway: source.isMidway) {
                    model.rates.append(rates)
                }
            }
        }
    }

    private static func rates(
        of reports: [RecordedStation], _ device: Int, _ lane: Int, isMidway: Bool
    ) -> ReportModel.Rates? {
        let chosen = reports.map(\.rate).filter { $0 > 0 }
        guard let first = chosen.first, let last = chosen.last, let latest = reports.last(where: { $0.rate > 0 })
        else { return nil }
        func megabits(_ rate: UInt32) -> Double { Double(rate) / 10 }
        var rates = ReportModel.Rates(
            device: device, lane: lane, first: megabits(first), median: megabits(chosen.sorted()[chosen.count / 2]),
            last: megabits(last), frames: 0, retries: 0, failures: 0)
        rates.modulation = latest.modulation.map { modulation in
            latest.streams.map { "VHT MCS \(modulation)x\($0)" } ?? "MCS \(modulation)"
        }
        rates.expectedThroughput =
            latest.expectedThroughput == 0 ? nil : Double(latest.expectedThroughput) / 1000
        rates.frames = total(of: reports.map(\.frames), isMidway: isMidway)
        rates.retries = total(of: reports.map(\.retries), isMidway: isMidway)
        rates.failures = total(of: reports.map(\.failures), isMidway: isMidway)
        return rates
    }

    /// The counts while a device recorded. A station that is added anew counts from 0.
    private static func total(of counts: [UInt32], isMidway: Bool) -> Int {
        var last = isMidway ? counts.first ?? 0 : 0
        return counts.reduce(0) { sum, count in
            defer { last = count }
            return sum + Int(count < last ? count : count - last)
        }
    }
}
