import CaptureFiles
import FrameDecoding
import Testing

/// Literal frames: receiver 02:52:4c:01:00:0b, transmitter 02:52:4c:01:00:0a.
enum Frames {
    static let addresses = "02524c01000b 02524c01000a"
    static let action = "d000 0000" + addresses + "ffffffffffff 5034"
    /// The rebuild request of docs/protocol.md.
    static let rebuildRequest = """
        d000 0000 02524c000201 02524c000200 ffffffffffff 0000 0300 5c 0010 0000 3000 ff0b6b 1000 08 02524c000000 02
        dd22 d2524c 01 01 05 00 00 02010000 176ec493f0215d8b 01000000 01 08 03000000 06000000
        """
    /// The sharing request of docs/protocol.md.
    static let sharingRequest = """
        d000 0000 02524c000201 02524c000200 ffffffffffff 0000 0300 5d 0010 0000 3000 ff0b6b 1000 08 02524c000000 02
        dd1c d2524c 01 01 0a 00 00 06010000 176ec493f0215d8b 02000000 02 02 0600
        """
    /// An announcement of 02:52:4c:00:00:0a on link 2.
    static let announcement = """
        d000 0000 ffffffffffff 02524c00020a ffffffffffff 0000 7f d2524c 09 01 ff0b6b 1000 08 02524c00000a 02
        dd09 d2524c 0a 0109 00 d103
        """
    /// Flags, rate, channel 2412 MHz, signal -30 dBm.
    static func radiotap(flags: String = "00") -> String { "00 00 0f00 2e000000" + flags + "02 6c09 a000 e2" }

    static func record(
        _ hex: String, linkType: LinkType = .ieee80211, interface: Int = 0, originalLength: Int? = nil
    ) -> CaptureRecord {
        let octets = octets(hex)
        return CaptureRecord(
            interface: interface, linkType: linkType, timestamp: 1_700_000_000_000_000_000,
            originalLength: originalLength ?? octets.count, octets: octets)
    }

    static func json(_ record: CaptureRecord, number: Int = 1) -> String {
        var line: [UInt8] = []
        FrameReport(number: number, record).appendJSON(to: &line)
        return String(decoding: line, as: UTF8.self)
    }

    static func text(_ record: CaptureRecord, number: Int = 1, origin: UInt64? = 1_699_999_998_750_000_000) -> String {
        var line: [UInt8] = []
        FrameReport(number: number, record).appendText(to: &line, origin: origin)
        return String(decoding: line, as: UTF8.self)
    }
}

/// Octets, and what is said of them.
struct Example: CustomTestStringConvertible, Sendable {
    let hex: String
    let text: String

    init(_ hex: String, _ text: String) {
        self.hex = hex
        self.text = text
    }

    var testDescription: String { text }
}
