extension AgentConfiguration {
    /// The configuration with some thresholds changed, each given as in a configuration file: `failures_until_lost=8`, or with its
    /// section, `health.failures_until_lost=8`.
    ///
    /// - Throws: `ConfigurationError` that names what is no threshold, or can't be one.
    public func with(thresholds: [String]) throws(ConfigurationError) -> AgentConfiguration {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for threshold in thresholds {
            let parts = threshold.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
            let name = parts.first.map { $0.split(separator: ".").map(String.init) } ?? []
            let key = name.last ?? ""
            let wanted = name.count == 2 ? "[\(name[0])]" : nil
            var section = ""
            var place: Int?
            for (index, line) in lines.enumerated() {
                if line.hasPrefix("[") { section = line }
                guard ["[session]", "[health]", "[keys]", "[limits]", "[discovery]"].contains(section),
                    line.hasPrefix(key + " =")
                else { continue }
                if wanted == nil || wanted == section { place = index }
            }
            guard parts.count == 2, (1...2).contains(name.count), let place else {
                throw ConfigurationError(
                    file: "--what-if",
                    problems: [
                        .init(
                            line: nil, key: threshold, cause: "is no threshold with a value",
                            remedy:
                                "write a key of [session], [health], [keys], [limits] or [discovery], such as failures_until_lost=8"
                        )
                    ])
            }
            lines[place] = "\(key) = \(parts[1])"
        }
        return try AgentConfiguration(recorded: lines.joined(separator: "\n"), file: "--what-if")
    }
}
