extension StatusReport {
    /// The kernel's report of a peer's radio as a station of this device's access point; it counts from when the station was added.
    public struct Station: Codable, Equatable, Sendable {
        /// The rate of the last frame to it, in Mb/s; left out as long as there was none.
        public var rate: Double?
        /// The MCS of that frame; left out where it was no HT frame.
        public var modulation: Int?
        /// Frames sent to it.
        public var frames: UInt32
        /// Transmissions that had to be repeated.
        public var retries: UInt32
        /// Frames given up.
        public var failures: UInt32
        /// The throughput that rate control expects, in Mb/s; left out where it gives none.
        public var expectedThroughput: Double?

        /// Makes a report.
        public init(
            rate: Double?, modulation: Int? = nil, frames: UInt32, retries: UInt32, failures: UInt32,
            expectedThroughput: Double? = nil
        ) {
            self.rate = rate
            self.modulation = modulation
            self.frames = frames
            self.retries = retries
            self.failures = failures
            self.expectedThroughput = expectedThroughput
        }

        /// The rate in words: `65 Mb/s, MCS 7`; `nil` as long as there is none.
        var rateText: String? { rateNumber.map { "\($0) Mb/s" + (modulation.map { ", MCS \($0)" } ?? "") } }

        /// The rate as a number, in Mb/s.
        var rateNumber: String? { rate.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" } }
    }
}
