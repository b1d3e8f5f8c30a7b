import ControlProtocol
import Glibc
import IEEE80211
import LinkSecurity
import SessionCore

/// How frames between this device and its peers are protected.
public enum SecurityMode: String, CaseIterable, Sendable {
    /// By keys that the devices share beforehand.
    case psk
    /// Not at all.
    case open
}

/// Reads `security` and `key_file`, at the top and of each peer. Key files are read along with the configuration, so that
/// what is wrong with them is told in its place.
struct SecuritySection {
    /// What the file says; `nil` when it says nothing. Then each key file that is named counts, and without any there is no
    /// protection.
    private let wanted: SecurityMode?
    /// The keys for peers that have no file of their own.
    private let shared: KeyFile?
    /// Where files lie whose path is relative: the folder of the configuration.
    private let folder: String

    /// Reads what stands at the top. `file` is the name of the configuration.
    init(_ root: TableReader, file: String) {
        folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        wanted = root.choice("security", SecurityMode.self)
        shared = Self.keys(root, folder)
        if wanted == .open { Self.reportUseless(root) }
    }

    /// The key of a peer; what is not usable is reported.
    func key(for peer: MACAddress?, in table: TableReader) -> PreSharedKey? {
        let own = Self.keys(table, folder)
        if wanted == .open { Self.reportUseless(table) }
        guard wanted != .open, let peer else { return nil }
        if let key = own?.key(for: peer) ?? shared?.key(for: peer) { return key }
        let isExpected = wanted == .psk || shared != nil || own != nil
        if isExpected, !table.has("key_file") || own != nil {
            table.report(
                "key_file", "there is no key for \(peer)",
                "write key_file = \"…\" here or at the top; \"relink key generate FILE\" writes one")
        }
        return nil
    }

    /// How the peers are protected: all of them, or none.
    func mode(_ peers: [PeerSection.Peer], _ root: TableReader) -> SecurityMode {
        let withKey = peers.count { $0.configuration.key != nil }
        if wanted == nil, withKey > 0, withKey < peers.count {
            root.report(
                "security", "some peers have a key, and others have none",
                "write key_file = \"…\" at the top or for every peer")
        }
        return wanted ?? (withKey > 0 || shared != nil ? .psk : .open)
    }

    /// Who may be discovered where keys are used: those for whom there is one at the top.
    func admission(_ peers: [PeerSection.Peer], _ root: TableReader) -> DiscoveryParameters.Admission {
        if shared == nil, peers.isEmpty, !root.has("key_file") {
            root.report(
                "key_file", "there is no key for devices that are discovered",
                "write key_file = \"…\" at the top; \"relink key generate FILE\" writes one")
        }
        return .holders(of: shared)
    }

    private static func reportUseless(_ table: TableReader) {
        guard table.has("key_file") else { return }
        table.report(
            "key_file", "with security = \"open\" no key is used",
            "write security = \"psk\", or leave key_file out")
    }

    private static func keys(_ table: TableReader, _ folder: String) -> KeyFile? {
        guard let name = table.string("key_file") else { return nil }
        do throws(KeyFileProblem) {
            return try KeyFileReader.read(name.hasPrefix("/") ? name : folder + name)
        } catch {
            table.report("key_file", error.cause, error.remedy)
            return nil
        }
    }
}

/// Why a key file can't be used.
public struct KeyFileProblem: Error, Equatable, Sendable {
    /// What is wrong. It never quotes the file.
    public var cause: String
    /// What to do.
    public var remedy: String
}

/// Reads key files, and refuses those that others could have read.
public enum KeyFileReader {
    /// Reads the keys of a file.
    public static func read(_ path: String) throws(KeyFileProblem) -> KeyFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        // Of the file that is open, not of what the path names by then.
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable(path) }
        do throws(KeyFilePermissionError) {
            try KeyFilePermissions(mode: status.st_mode, owner: status.st_uid).check(user: geteuid())
        } catch {
            throw KeyFileProblem(
                cause: error.explanation(path: path), remedy: "\"relink key generate FILE\" writes one as it must be")
        }
        guard let octets = FileReader.contents(from: descriptor) else { throw unreadable(path) }
        do throws(KeyFileError) {
            return try KeyFile(parsing: String(decoding: octets, as: UTF8.self))
        } catch {
            throw KeyFileProblem(
                cause: "\(path), \(error)", remedy: "a line is a key, or an MLD address and a key")
        }
    }

    private static func unreadable(_ path: String) -> KeyFileProblem {
        KeyFileProblem(
            cause: "\(path) can't be read: \(SystemError.text(errno))",
            remedy: "\"relink key generate FILE\" writes a key; copy it to each device")
    }
}
