import Glibc

/// The alias of an interface that this program makes: how the next one knows whose it is, when this one dies without cleaning up.
enum InterfaceMark {
    private static let name = "relink"

    /// The alias that says that this process made it.
    static var own: String { "\(name) \(getpid())" }

    /// Whether an alias says that an agent made the interface, or a trial.
    static func isMark(_ alias: String) -> Bool { alias == name || alias.hasPrefix(name + " ") }

    /// Whether another process that made it lives: one of that number, which runs a program of this name, by default this one.
    static func hasLivingOwner(_ alias: String, program name: String? = program(of: getpid())) -> Bool {
        guard isMark(alias), let owner = pid_t(alias.dropFirst(Self.name.count + 1)), owner > 0, owner != getpid(),
            let program = program(of: owner)
        else { return false }
        return program == name
    }

    /// The name of what a process runs; `nil` when there is none, or it can't be seen from here.
    private static func program(of process: pid_t) -> String? {
        let descriptor = open("/proc/\(process)/comm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &text, text.count)
        return count > 1 ? String(decoding: text[..<(count - 1)], as: UTF8.self) : nil
    }
}
