import CNetlink

/// The kernel's report of a peer's radio as a station of an anchor; it counts from the time when the station was added.
public struct StationReport: Equatable, Sendable {
    /// The rate of the last frame to it, in Mb/s; `nil` as long as there was none.
    public var rate: Double?
    /// The MCS of that frame; `nil` where it was neither an HT nor a VHT frame.
    public var modulation: Int?
    /// The number of spatial streams of that frame where it was a VHT frame; an HT frame's MCS says it.
    public var streams: Int?
    /// Frames sent to it.
    public var frames: UInt32
    /// Transmissions that had to be repeated.
    public var retries: UInt32
    /// Frames that were given up.
    public var failures: UInt32
    /// The throughput that rate control expects, in Mb/s; `nil` where it gives none.
    public var expectedThroughput: Double?

    /// Makes a report.
    public init(
        rate: Double? = nil, modulation: Int? = nil, streams: Int? = nil, frames: UInt32 = 0, retries: UInt32 = 0,
        failures: UInt32 = 0, expectedThroughput: Double? = nil
    ) {
        self.rate = rate
        self.modulation = modulation
        self.streams = streams
        self.frames = frames
        self.retries = retries
        self.failures = failures
        self.expectedThroughput = expectedThroughput
    }

    init(_ report: rl_station_report) {
        self.init(
            rate: report.rate == 0 ? nil : Double(report.rate) / 10,
            modulation: report.mcs < 0 ? nil : Int(report.mcs),
            streams: report.vht_streams == 0 ? nil : Int(report.vht_streams), frames: report.packets,
            retries: report.retries, failures: report.failures,
            expectedThroughput: report.expected_throughput == 0 ? nil : Double(report.expected_throughput) / 1000)
    }
}
