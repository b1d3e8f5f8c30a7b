import ControlProtocol
import Glibc
import IEEE80211
import LinkSecurity
import Logging
import RadioLinks
import SessionCore
import TOMLKit

extension AgentConfiguration {
    /// Reads and checks a configuration file.
    /// - Throws: `ConfigurationError` with everything that is wrong with it.
    public static func load(path: String) throws(ConfigurationError) -> AgentConfiguration {
        guard let octets = FileReader.contents(of: path) else {
            let cause = "can't be read: \(SystemError.text(errno))"
            throw ConfigurationError(
                file: path, problems: [.init(line: nil, key: "", cause: cause, remedy: "name a file that you may read")]
            )
        }
        guard let text = String(validating: octets, as: UTF8.self), !text.utf8.contains(0) else {
            throw ConfigurationError(
                file: path,
                problems: [.init(line: nil, key: "", cause: "is not text in UTF-8", remedy: "save it as UTF-8")])
        }
        return try AgentConfiguration(parsing: text, file: path)
    }

    /// Checks the text that a recording keeps; see `text`. It names no keys, and is not told that any are missing; where it does,
    /// somebody else wrote it, and they are not used.
    /// - Throws: `ConfigurationError` with everything that is wrong with it.
    public init(recorded text: String, file: String) throws(ConfigurationError) {
        try self.init(parsing: text, file: file, assumed: .open)
        use(nil)
    }

    /// Gives the peers keys; or with `nil`, takes all away.
    public mutating func use(_ keys: KeyFile?) {
        engine.use(keys)
        security = keys == nil ? .open : .psk
    }

    /// Checks the text of a configuration file. `file` is its name, for messages.
    /// - Throws: `ConfigurationError` with everything that is wrong with it.
    public init(parsing text: String, file: String) throws(ConfigurationError) {
        try self.init(parsing: text, file: file, assumed: nil)
    }

    private init(parsing text: String, file: String, assumed: SecurityMode?) throws(ConfigurationError) {
        if let fault = Pitfalls.first(in: text) {
            throw ConfigurationError(
                file: file, problems: [.init(line: fault.line, key: "", cause: fault.cause, remedy: fault.remedy)])
        }
        let document: TOMLTable
        do {
            document = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw ConfigurationError(
                file: file,
                problems: [
                    .init(line: error.source.begin.line, key: "", cause: error.description, remedy: "correct the TOML")
                ])
        } catch {
            throw ConfigurationError(
                file: file, problems: [.init(line: nil, key: "", cause: "\(error)", remedy: "correct the TOML")])
        }
        let problems = ProblemCollector(locator: KeyLocator(text))
        let configuration = Self.read(
            TableReader(document, at: .root, problems: problems), file: file, assumed: assumed)
        guard problems.problems.isEmpty, let configuration else {
            let sorted = problems.problems.enumerated().sorted {
                ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset)
            }
            throw ConfigurationError(file: file, problems: sorted.map(\.element))
        }
        self = configuration
    }

    private static func read(_ root: TableReader, file: String, assumed: SecurityMode?) -> AgentConfiguration? {
        let mldAddress = root.address("mld_address")
        root.require("mld_address", "write mld_address = \"02:52:4c:00:00:0a\", different on every device")
        let control = root.string("control") ?? ControlLimits.defaultPath
        if control.isEmpty || control.utf8.count > ControlLimits.pathLength {
            root.report(
                "control", "this can't be the path of a socket",
                "write a path of 1 to \(ControlLimits.pathLength) octets")
        }
        let logLevel = root.choice("log_level", Logger.Level.self) ?? .info
        let links = LinkSection.read(root)
        let security = SecuritySection(root, file: file, assumed: assumed)
        var discovery = ThresholdSections.discovery(root.table("discovery"), hasPeers: root.has("peers"))
        let peers = PeerSection.read(
            root, own: mldAddress, links: links, security: security, isDiscovering: discovery.mode != .off)
        let mode = security.mode(
            peers, root, isDiscovering: discovery.mode != .off,
            isTold: root.tables("peers").contains { $0.has("key_file") })
        if mode == .psk { discovery.admission = security.admission(peers, root) }
        let host = root.table("interface").flatMap { InterfaceSection.read($0, links: links) }
        let session = root.table("session").map(ThresholdSections.session) ?? SessionParameters()
        let health = root.table("health").map(ThresholdSections.health) ?? HealthThresholds()
        let keys = root.table("keys").map(ThresholdSections.keys) ?? SecurityParameters()
        let limits = root.table("limits").map(ThresholdSections.limits) ?? Limits()
        root.finish()
        guard let mldAddress else { return nil }
        var names: [MACAddress: String] = [:]
        for peer in peers { names[peer.configuration.mldAddress] = peer.name }
        return AgentConfiguration(
            engine: EngineConfiguration(
                mldAddress: mldAddress, peers: peers.map(\.configuration), session: session, health: health,
                limits: limits, security: keys, discovery: discovery),
            links: links, host: host, security: mode, peerNames: names, controlPath: control, logLevel: logLevel)
    }
}

/// Reads small files whole.
enum FileReader {
    private static let limit = 1 << 20

    /// The octets of a file, at most the first MiB; `nil`, with errno set, when it can't be read.
    static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return contents(from: descriptor)
    }

    /// The octets of an open file; see `contents(of:)`.
    static func contents(from descriptor: CInt) -> [UInt8]? {
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while contents.count < limit {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            contents.append(contentsOf: buffer[..<count])
        }
        return contents
    }
}
