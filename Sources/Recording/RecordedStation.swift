import IEEE80211
import SessionCore

/// The kernel's report of a peer's radio as a station, as a recording has it: it decides nothing.
public struct RecordedStation: Hashable, Sendable {
    /// The link.
    public var link: LinkIdentifier
    /// The peer's MLD address.
    public var peer: MACAddress
    /// The rate of the last frame to it, in units of 100 kb/s; 0 as long as there was none.
    public var rate: UInt32
    /// The MCS of that frame; `nil` where it was neither an HT nor a VHT frame.
    public var modulation: UInt8?
    /// The number of spatial streams of that frame where it was a VHT frame.
    public var streams: UInt8?
    /// Frames sent to it since it was added.
    public var frames: UInt32
    /// Transmissions that had to be repeated.
    public var retries: UInt32
    /// Frames that were given up.
    public var failures: UInt32
    /// The throughput that rate control expects, in kb/s; 0 where it gives none.
    public var expectedThroughput: UInt32

    /// Makes a report of which nothing else is known.
    public init(link: LinkIdentifier, peer: MACAddress) {
        self.link = link
        self.peer = peer
        (rate, frames, retries, failures, expectedThroughput) = (0, 0, 0, 0, 0)
    }
}

extension RecordingEncoder {
    /// Writes the kernel's report of a station. It belongs to no turn of the core.
    public mutating func append(_ station: RecordedStation, at instant: MonotonicInstant) {
        appendAside(.station, length: 32, at: instant) { cursor in
            cursor.put(station.peer.rawValue)
            for number in [
                station.rate, station.expectedThroughput, station.frames, station.retries, station.failures,
            ] {
                cursor.put(number)
            }
            cursor.put(station.link.rawValue)
            cursor.put(station.modulation ?? RecordedStation.noModulation)
            cursor.put(station.streams ?? 0)
            cursor.put(UInt8(0))
        }
    }
}

extension RecordedStation {
    static let noModulation: UInt8 = 0xff
}
