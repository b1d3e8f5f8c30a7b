import Glibc
import IEEE80211
import SessionCore

/// Finds out whether a radio's TX reports can be believed: frames to addresses that nobody has must come back as
/// failed.
struct AcknowledgmentTest {
    /// One false report is enough to tell a radio that always says "acknowledged"; a few tries tell one that often
    /// does.
    private static let probes = 3
    /// In milliseconds. A report takes some 100 µs on an idle radio, a few milliseconds with all retries at the lowest
    /// rate; the rest is for a machine that is busy starting up.
    private static let reportTimeout: CInt = 1000

    /// What keeps the radio from giving MAC acknowledgments, `nil` when nothing does.
    static func obstacle(on port: borrowing MonitorPort) throws(RadioError) -> AcknowledgmentObstacle? {
        var traffic = RadioTraffic(acknowledgment: .mac)
        for probe in 0..<probes {
            let number = TransmissionNumber(rawValue: UInt32(probe))
            let mpdu = null(to: absentAddress(), from: port.address)
            switch try port.send(traffic.packet(for: mpdu)) {
            case .sent: traffic.sent(number: number, mpdu: mpdu)
            case .backPressure: return .noReport
            }
            switch try report(on: number, &traffic, port) {
            case nil: return .noReport
            case true?: return .falseReports
            case false?: continue
            }
        }
        return nil
    }

    /// Waits for the report on a frame; `nil` when none comes.
    private static func report(
        on number: TransmissionNumber, _ traffic: inout RadioTraffic, _ port: borrowing MonitorPort
    ) throws(RadioError) -> Bool? {
        var waiting = pollfd(fd: port.capture.descriptor, events: Int16(POLLIN), revents: 0)
        var result: Bool?
        while result == nil {
            guard poll(&waiting, 1, reportTimeout) > 0 else { return nil }
            _ = try port.receive(limit: 64) { packet in
                if case .transmitted(number, let acknowledged) = traffic.indication(of: packet) {
                    result = acknowledged
                }
            }
        }
        return result
    }

    /// A random individual address that is locally administered (IEEE Std 802-2014, 8.2): nobody has it.
    private static func absentAddress() -> MACAddress {
        MACAddress(rawValue: UInt64.random(in: 0...0xffff_ffff_ffff) & ~(1 << 40) | 1 << 41)
    }

    /// A Null frame, a data frame without a body (IEEE Std 802.11-2020, 9.3.2.1), outside the context of a BSS.
    private static func null(to receiver: MACAddress, from transmitter: MACAddress) -> [UInt8] {
        let addresses = [receiver, transmitter, .broadcast].flatMap { address in (0..<6).map(address.octet) }
        return [0x48, 0x00, 0x00, 0x00] + addresses + [0x00, 0x00]
    }
}
