import SessionCore

/// The observations of a way to hold a radio when frames to an unused address were sent through it.
public struct WayReport: Codable, Equatable, Sendable {
    /// Which way.
    public var way: RadioWay
    /// Centre frequency that was set, in MHz.
    public var frequency: UInt16
    /// Frequency that the kernel reads back afterwards; left out where it has none.
    public var frequencyReadBack: UInt16?
    /// The frequencies that radiotap told, of frames of others and of TX reports that have it.
    public var frequenciesHeard: [UInt16] = []
    /// Frames that the kernel took.
    public var injected = 0
    /// TX reports that came back.
    public var echoes = 0
    /// Reports that say that a frame was acknowledged, though nobody was there to do so.
    public var falseEchoes = 0
    /// The form in which the radio sent the last frame, which was one as payloads are; left out where it did not come back.
    public var payload: PayloadEcho?
    /// True if reports have the number of retries.
    public var reportsRetries = false
    /// True if reports have the rate.
    public var reportsRate = false
    /// Frames of the burst that follows when those were reported truly, and how many of them were reported; left out without one.
    public var burst: Burst?
    /// Why the way can't be used, or gives no MAC acknowledgments though it should; left out where nothing is wrong.
    public var problem: RadioProblem?

    /// Many frames at once.
    public struct Burst: Codable, Equatable, Sendable {
        /// Frames that the kernel took.
        public var injected = 0
        /// TX reports that came back.
        public var echoes = 0
    }

    /// Makes a report on a way before anything was sent.
    public init(way: RadioWay, frequency: UInt16, frequencyReadBack: UInt16? = nil) {
        self.way = way
        self.frequency = frequency
        self.frequencyReadBack = frequencyReadBack
    }

    /// Makes a report on a way that can't be tried.
    init(_ failure: WayFailure, frequency: UInt16) {
        self.init(way: failure.way, frequency: frequency)
        problem = failure.problem
    }

    /// True if every frame came back.
    public var isEchoed: Bool { injected > 0 && echoes == injected }

    /// The acknowledgment that the way gives: `mac` or `frame`; `nil` when it can't be used.
    public var gives: String? { problem == nil ? (way.acknowledges ? "mac" : "frame") : nil }

    /// The largest number of payloads to a peer that may wait for their reports: fewer than usual where the radio did not report on all
    /// frames of the burst.
    var outstanding: Int {
        guard let burst, burst.echoes < burst.injected else { return LinkProperties.defaultOutstanding }
        return max(1, min(burst.echoes, LinkProperties.defaultOutstanding))
    }

    /// The obstacle to its use. A plain monitor's reports do not matter: some drivers never report, and their frames go
    /// out all the same.
    var obstacle: WayObstacle? {
        if let straying { return .otherChannel(straying) }
        if payload == .changed { return .payloadChanged }
        guard way.acknowledges else { return nil }
        if falseEchoes > 0 { return .falseReports }
        if payload == .reshaped { return .payloadReshaped }
        return isEchoed ? nil : .noReport
    }

    /// The channel that the radio really is on, where that is another one.
    private var straying: UInt16? {
        if let frequencyReadBack, frequencyReadBack != frequency { return frequencyReadBack }
        return frequenciesHeard.contains(frequency) ? nil : frequenciesHeard.first
    }
}
