import Logging

/// Writes one line per log message: time (UTC), level, label, text.
public struct PlainLogHandler: LogHandler {
    /// What is logged.
    public var logLevel: Logger.Level
    /// Values that stand behind every line.
    public var metadata: Logger.Metadata = [:]
    /// Not used: this handler has no context to draw values from.
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let output: LogOutput

    /// Makes a handler; `label` stands before every text.
    public init(label: String, level: Logger.Level, output: LogOutput) {
        self.label = label
        self.output = output
        logLevel = level
    }

    /// One of the values that stand behind every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Hands a line to the output. It is written with one system call, so that the lines of several agents on one terminal don't mix.
    public func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let facts = values.map { " \($0.key)=\($0.value)" }.joined()
        output.write("\(WallClock.text) \(event.level) \(label): \(event.message)\(facts)")
    }
}
