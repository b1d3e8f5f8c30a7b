/// A program that uses Wi-Fi interfaces, as it runs now.
public struct RunningProgram: Codable, Equatable, Hashable, Sendable, CustomStringConvertible {
    /// Its name.
    public var name: String
    /// Its process ID.
    public var process: Int32

    /// Makes one.
    public init(name: String, process: Int32) {
        self.name = name
        self.process = process
    }

    /// Name and process.
    public var description: String { "\(name) (process \(process))" }
}

/// Which programs use which interfaces.
///
/// nl80211 does not tell who made or uses an interface (`NL80211_ATTR_SOCKET_OWNER` is a request, never an answer), so this
/// looks at command lines and at NetworkManager's notes in /run.
struct ProgramSurvey: Equatable {
    /// One running program: what it was started with.
    struct Process: Equatable {
        var identifier: Int32
        var arguments: [String]
    }

    /// By the name of the interface that they name.
    private(set) var users: [String: [RunningProgram]] = [:]
    /// Those that name none, and may take any.
    private(set) var managers: [RunningProgram] = []

    /// The programs that set up, associate or scan on their own.
    private static let known: Set = [
        "NetworkManager", "wpa_supplicant", "hostapd", "iwd", "connmand", "dhclient", "dhcpcd", "udhcpc",
    ]
    /// Of those, the ones that only want addresses: without a wireless interface they have nothing to do with radios.
    private static let addressClients: Set = ["dhclient", "dhcpcd", "udhcpc"]

    /// Sorts processes by the interfaces that their command lines name.
    init(processes: [Process], interfaces: [String]) {
        for process in processes {
            guard let name = Self.name(of: process), Self.known.contains(name) else { continue }
            let program = RunningProgram(name: name, process: process.identifier)
            let named = interfaces.filter { Self.arguments(of: process).contains(Self.forms(of: $0)) }
            for interface in named { users[interface, default: []].append(program) }
            if named.isEmpty && !Self.addressClients.contains(name) { managers.append(program) }
        }
    }

    /// Looks at all processes of this network namespace. `interfaces` are names by kernel index.
    init(interfaces: [UInt32: String], files: SystemFiles = SystemFiles()) {
        let own = files.target(of: "/proc/self/ns/net")
        var processes: [Process] = []
        for identifier in files.names(in: "/proc").compactMap({ Int32($0) }) {
            // Another user's namespace can't be read; then it is better to name one too many.
            if let other = files.target(of: "/proc/\(identifier)/ns/net"), other != own { continue }
            guard let octets = files.octets("/proc/\(identifier)/cmdline"), !octets.isEmpty else { continue }
            let arguments = octets.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            processes.append(Process(identifier: identifier, arguments: arguments))
        }
        self.init(processes: processes.sorted { $0.identifier < $1.identifier }, interfaces: interfaces.values.sorted())
        guard let manager = managers.first(where: { $0.name == "NetworkManager" }) else { return }
        for (index, name) in interfaces.sorted(by: { $0.key < $1.key }) {
            let notes = files.text("/run/NetworkManager/devices/\(index)")
            if notes?.split(separator: "\n").contains("managed=true") == true {
                users[name, default: []].append(manager)
            }
        }
    }

    /// Programs that rewrite their own title end the name with a colon: "dhcpcd: wlan0".
    private static func name(of process: Process) -> String? {
        arguments(of: process).first?.split(separator: "/").last.map { $0.hasSuffix(":") ? $0.dropLast() : $0 }
            .map(String.init)
    }

    private static func arguments(of process: Process) -> [String] {
        process.arguments.count > 1
            ? process.arguments : process.arguments.flatMap { $0.split(separator: " ").map(String.init) }
    }

    private static func forms(of interface: String) -> Set<String> {
        [interface, "-i\(interface)", "--interface=\(interface)", "-I\(interface)"]
    }
}

extension [String] {
    fileprivate func contains(_ any: Set<String>) -> Bool { contains(where: any.contains) }
}
