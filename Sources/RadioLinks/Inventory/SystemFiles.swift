import Glibc
import IEEE80211

/// Small files of /proc, /sys and /run. What can't be read is `nil` or empty: they come and go as one looks.
struct SystemFiles {
    /// What stands before every path, for tests.
    var root = ""

    private static let limit = 1 << 16

    /// The octets of a file, at most the first 64 KiB.
    func octets(_ path: String) -> [UInt8]? {
        let descriptor = open(root + path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while octets.count < Self.limit {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            octets += buffer[..<count]
        }
        return octets
    }

    /// The text of a file without white space at its end.
    func text(_ path: String) -> String? {
        octets(path).map { octets in
            String(decoding: octets[..<(octets.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? 0)], as: UTF8.self)
        }
    }

    /// The names in a folder, in order.
    func names(in path: String) -> [String] {
        guard let folder = opendir(root + path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { octets in
                String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Where a symbolic link points to.
    func target(of path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(root + path, $0, text.count) } ?? -1
            }
        }
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}

extension SystemFiles {
    /// The name of a radio's driver.
    func driver(ofWiphy name: String) -> String? {
        target(of: "/sys/class/ieee80211/\(name)/device/driver")
            .flatMap { $0.split(separator: "/").last.map(String.init) }
    }

    /// The address that a radio was made with, which stays when the radio gets another name.
    func permanentAddress(ofWiphy name: String) -> MACAddress? {
        text("/sys/class/ieee80211/\(name)/macaddress").flatMap { MACAddress($0) }
    }

    /// Whether rfkill switches a radio off.
    func rfkill(ofWiphy name: String) -> RadioSwitch {
        let folder = "/sys/class/ieee80211/\(name)"
        let switches = names(in: folder).filter { $0.hasPrefix("rfkill") }
        if switches.contains(where: { text("\(folder)/\($0)/hard") == "1" }) { return .offByHardware }
        return switches.contains { text("\(folder)/\($0)/soft") == "1" } ? .offBySoftware : .on
    }

    /// The capabilities of this process that raw frames need and that it lacks, by their names (capabilities(7)).
    func missingCapabilities() -> [String] {
        let line = text("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        guard let set = line.flatMap({ UInt64($0.dropFirst(7).drop(while: \.isWhitespace), radix: 16) }) else {
            return []
        }
        return [(12, "CAP_NET_ADMIN"), (13, "CAP_NET_RAW")].filter { set >> $0.0 & 1 == 0 }.map(\.1)
    }
}

/// Whether a radio is switched on (rfkill).
public enum RadioSwitch: String, Codable, Equatable, Sendable {
    /// It is on.
    case on
    /// Switched off by a program: `rfkill unblock wifi` switches it on.
    case offBySoftware
    /// Switched off by a switch or key of the device.
    case offByHardware
}
