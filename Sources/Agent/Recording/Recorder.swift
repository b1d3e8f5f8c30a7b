import ControlProtocol
import Glibc
import IEEE80211
import Recording
import SessionCore

/// How much a recording may take, and where it goes.
public struct RecordingOptions: Equatable, Sendable {
    /// The first file; further ones are called after it, with `.1`, `.2`, … behind.
    public var path: String
    /// About how many octets one file may have.
    public var fileLength: Int
    /// How many files are kept; the oldest goes when there are more.
    public var files: Int
    /// Whether frames with payloads are kept whole; where they are protected, the payloads, too.
    public var keepsWholeFrames: Bool

    /// How many octets of each payload are kept: Ethernet, IPv6 and TCP headers with their usual options, and a little more.
    static let keptOctets = 96

    /// Makes options; the defaults bound a recording to half a gigabyte.
    public init(path: String, fileLength: Int = 64 << 20, files: Int = 8, keepsWholeFrames: Bool = false) {
        self.path = path
        self.fileLength = fileLength
        self.files = files
        self.keepsWholeFrames = keepsWholeFrames
    }
}

/// Writes down what the core is handed and says. Memory is filled while the core works, and handed to a thread that writes it at the end
/// of each turn of the loop, so that little more than the turn at hand is lost with the process.
final class Recorder {
    let options: RecordingOptions
    private(set) var encoder: RecordingEncoder
    private var start: RecordingStart
    private let interfaces: [RecordedInterface]
    private let writer: RecordingWriter
    private var length = 0
    /// When the kernel's reports of the stations are written next, and those that were written last.
    private var stationsDue = MonotonicInstant(nanoseconds: 0)
    private var stations: [StationKey: RecordedStation] = [:]

    private struct StationKey: Hashable {
        let link: LinkIdentifier
        let peer: MACAddress
    }

    /// Few enough to cost nothing, and enough to show how a rate develops.
    private static let stationsInterval = Duration.seconds(1)

    /// Makes the first file, which must not be there, nor one of those that follow.
    ///
    /// - Parameter patience: how long a slow disk is waited for, in milliseconds.
    init(
        _ options: RecordingOptions, _ start: RecordingStart, _ interfaces: [RecordedInterface], patience: CInt
    ) throws(RecorderError) {
        self.options = options
        self.start = start
        self.interfaces = interfaces
        // It would be in the way later, and nobody would look then.
        if let later = Self.laterFile(of: options.path) { throw RecorderError(path: later, code: EEXIST) }
        writer = try RecordingWriter(path: options.path)
        encoder = Self.encoder(options, start, interfaces)
        do throws(RecorderError) { _ = try finish(milliseconds: patience) } catch {
            unlink(options.path)
            throw error
        }
    }

    /// A file that another recording of this name has left behind, beside its first.
    private static func laterFile(of path: String) -> String? {
        let slash = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        let (folder, prefix) = (path[..<slash], path[slash...] + ".")
        guard let stream = opendir(folder.isEmpty ? "." : String(folder)) else { return nil }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(prefix), UInt32(name.dropFirst(prefix.count)) != nil { return folder + name }
        }
        return nil
    }

    // MARK: What the core is handed, and what it says

    func input(_ input: Input, _ instant: MonotonicInstant) { encoder.append(input, at: instant) }

    func frame(
        _ mpdu: Span<UInt8>, _ link: LinkIdentifier, _ signal: Int8?, _ carriesPayload: Bool,
        _ instant: MonotonicInstant
    ) {
        encoder.appendFrame(mpdu, on: link, signal: signal, carriesPayload: carriesPayload, at: instant)
    }

    func payload(_ payload: Span<UInt8>, _ peer: MACAddress, _ tid: TrafficIdentifier, _ instant: MonotonicInstant) {
        encoder.appendPayload(payload, for: peer, tid: tid, at: instant)
    }

    func transmission(
        _ mpdu: Span<UInt8>, _ number: TransmissionNumber, _ link: LinkIdentifier, _ instant: MonotonicInstant
    ) {
        encoder.appendTransmission(mpdu, number: number, on: link, at: instant)
    }

    func delivery(_ payload: Span<UInt8>, _ peer: MACAddress, _ tid: TrafficIdentifier, _ instant: MonotonicInstant) {
        encoder.appendDelivery(payload, from: peer, tid: tid, at: instant)
    }

    func event(_ event: Event, _ instant: MonotonicInstant) { encoder.append(RecordedEvent(event), at: instant) }

    // MARK: What the kernel reports

    /// True once a second: then it is time for the kernel's reports of the stations.
    func isTimeForStations(_ instant: MonotonicInstant) -> Bool {
        guard stationsDue <= instant else { return false }
        stationsDue = instant + Self.stationsInterval
        return true
    }

    /// Writes down a report, unless it is the one that was written last.
    func station(_ station: RecordedStation, _ instant: MonotonicInstant) {
        let key = StationKey(link: station.link, peer: station.peer)
        guard stations.updateValue(station, forKey: key) != station else { return }
        encoder.append(station, at: instant)
    }

    func turnEnd(_ instant: MonotonicInstant) { encoder.appendTurnEnd(at: instant) }

    // MARK: Files

    /// Writes what has gathered, and begins the next file when this one is long enough.
    func flush() throws(RecorderError) {
        guard encoder.count > 0 else { return }
        try write()
        if length >= options.fileLength { try beginNextFile() }
    }

    /// Writes what has gathered, and waits until it is written.
    ///
    /// - Parameter milliseconds: the longest wait.
    /// - Returns: false if something is still to be written, which goes on.
    func finish(milliseconds: CInt) throws(RecorderError) -> Bool {
        try flush()
        return try writer.finish(milliseconds: milliseconds)
    }

    private func beginNextFile() throws(RecorderError) {
        start.part += 1
        let kept = UInt32(clamping: max(1, options.files))
        let old = start.part >= kept ? Self.path(options.path, part: start.part - kept) : nil
        try writer.next(Self.path(options.path, part: start.part), removing: old)
        encoder = Self.encoder(options, start, interfaces)
        length = 0
        try write()
    }

    private func write() throws(RecorderError) {
        try writer.write(encoder.octets)
        length += encoder.count
        encoder.removeAll()
    }

    private static func encoder(
        _ options: RecordingOptions, _ start: RecordingStart, _ interfaces: [RecordedInterface]
    ) -> RecordingEncoder {
        RecordingEncoder(
            start, interfaces: interfaces, program: "relink \(Release.version)",
            keepsWholeFrames: options.keepsWholeFrames)
    }

    /// The path of a recording's file.
    static func path(_ path: String, part: UInt32) -> String { part == 0 ? path : "\(path).\(part)" }
}

/// Why nothing is recorded any more.
public struct RecorderError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file.
    public var path: String
    /// What the system says: an `errno`.
    public var code: Int32

    /// What is wrong, and what to do about it.
    public var description: String {
        let remedy =
            switch code {
            case EEXIST: "name a file that is not there yet, or remove it"
            case ENOSPC: "make room, or record less with --record-size and --record-files"
            case ENOENT: "make its folder first"
            case ENOBUFS: "the disk is too slow for it: record to another one, or fewer octets of each frame"
            default: "name a file that the agent may make"
            }
        return "\(path) can't be recorded to: \(SystemError.text(code)); \(remedy)"
    }
}
