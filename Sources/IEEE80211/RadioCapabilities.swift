/// The capabilities of a radio beyond the legacy rates; a VHT radio is an HT radio, too.
public struct RadioCapabilities: Hashable, Sendable {
    /// Its HT capabilities.
    public var highThroughput: HTCapabilities
    /// Its VHT capabilities; `nil` where it has none.
    public var veryHighThroughput: VHTCapabilities?

    /// Makes capabilities.
    public init(_ highThroughput: HTCapabilities, veryHighThroughput: VHTCapabilities? = nil) {
        self.highThroughput = highThroughput
        self.veryHighThroughput = veryHighThroughput
    }

    /// The capabilities that every HT radio has.
    public static let least = RadioCapabilities(.least)

    /// The same without what matters on wider channels alone.
    public var on20MHz: RadioCapabilities {
        RadioCapabilities(highThroughput.on20MHz, veryHighThroughput: veryHighThroughput?.on20MHz)
    }
}
