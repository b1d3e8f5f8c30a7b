extension StatusReport {
    /// The kernel's report of a peer's radio as a station of this device's access point; it counts from when the station was added.
    public struct Station: Codable, Equatable, Sendable {
        /// The rate of the last frame to it, in Mb/s; left out as long as there was none.
        public var rate: Double?
        /// The MCS of that frame; left out where it was neither an HT nor a VHT frame.
        public var modulation: Int?
        /// The number of spatial streams of that frame; left out where it was no VHT frame.
        public var streams: Int?
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
            rate: Double?, modulation: Int? = nil, streams: Int? = nil, frames: UInt32, retries: UInt32,
            failures: UInt32, expectedThroughput: Double? = nil
        ) {
            self.rate = rate
            self.modulation = modulation
            self.streams = streams
            self.frames = frames
            self.retries = retries
            self.failures = failures
            self.expectedThroughput = expectedThroughput
        }

        /// The rate in words: `65 Mb/s, MCS 7` of HT, `156 Mb/s, VHT MCS 8x2` of VHT with two streams; `nil` as long as there is none.
        var rateText: String? {
            rateNumber.map { number in
                guard let modulation else { return "\(number) Mb/s" }
                return "\(number) Mb/s, " + (streams.map { "VHT MCS \(modulation)x\($0)" } ?? "MCS \(modulation)")
            }
        }

        /// The rate as a number, in Mb/s.
        var rateNumber: String? { rate.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" } }
    }
}
