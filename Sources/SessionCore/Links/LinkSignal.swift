/// How strongly a peer is heard on one link: the mean of what its frames came with, the latest ones weighing most.
struct LinkSignal: Equatable {
    private var mean: Double?

    /// What one frame more or less weighs.
    private static let weight = 1.0 / 8

    /// The mean in dBm; `nil` where nothing was heard, or the radio does not tell.
    var decibelMilliwatts: Int? { mean.map { Int($0.rounded()) } }

    /// A frame came.
    ///
    /// - Parameter signal: what the radio said of it, in dBm; `nil` when it said nothing.
    mutating func add(_ signal: Int8?) {
        guard let signal else { return }
        mean = mean.map { $0 + (Double(signal) - $0) * Self.weight } ?? Double(signal)
    }
}
