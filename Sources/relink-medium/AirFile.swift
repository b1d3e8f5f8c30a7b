import CaptureFiles
import EventLoop
import Glibc
import LabMedium
import SessionCore

/// A pcap file of what is on the air: every try, and every acknowledgment, whether anybody hears it or not.
struct AirFile: ~Copyable {
    private var writer: CaptureWriter
    private let wallMinusMonotonic: Int64

    /// Makes the file.
    init(path: String) throws(MediumError) {
        do throws(CaptureError) { writer = try CaptureWriter(path: path, format: .pcap(.radiotap)) } catch {
            throw .capture(error)
        }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let wall = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        wallMinusMonotonic = wall - MonotonicClock.nanoseconds
    }

    /// Writes a frame behind a radiotap header that names the channel.
    mutating func append(_ record: AirRecord) throws(MediumError) {
        let frequency = UInt16(clamping: record.frequency)
        let band: UInt16 = frequency < 3000 ? 0x0080 : 0x0100
        let channel = [frequency, band].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let timestamp = UInt64(max(0, record.instant.nanoseconds + wallMinusMonotonic))
        do throws(CaptureError) {
            try writer.append([0, 0, 12, 0, 8, 0, 0, 0] + channel + record.octets, timestamp: timestamp)
        } catch { throw .capture(error) }
    }
}
