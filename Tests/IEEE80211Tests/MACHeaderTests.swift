import IEEE80211
import Testing

/// A frame's first octets, and which address plays which part in it (a dash where none does).
struct HeaderExample: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var octets: [UInt8]
    var length: Int
    /// Receiver, transmitter, destination, source, BSSID: the last octet of the address, or a dash.
    var roles: String

    init(_ name: String, _ hex: String, _ length: Int, _ roles: String) {
        testDescription = name
        octets = IEEE80211Tests.octets(hex)
        self.length = length
        self.roles = roles
    }

    private static let a1 = "020000000001"
    private static let a2 = "020000000002"
    private static let a3 = "020000000003"
    private static let a4 = "020000000004"
    private static let three = a1 + a2 + a3 + "3012"
    private static let htControl = "0d0c0b0a"

    static let all: [HeaderExample] = [
        HeaderExample("beacon", "8000 0000" + three, 24, "1 2 1 2 3"),
        HeaderExample("action with HT Control", "d080 0000" + three + htControl, 28, "1 2 1 2 3"),
        HeaderExample("data between stations", "0800 0000" + three, 24, "1 2 1 2 3"),
        HeaderExample("data to the DS", "0801 0000" + three, 24, "1 2 3 2 1"),
        HeaderExample("data from the DS", "0802 0000" + three, 24, "1 2 1 3 2"),
        HeaderExample("data within the DS", "0803 0000" + three + a4, 30, "1 2 3 4 -"),
        HeaderExample("Null to the DS, order bit", "4881 0000" + three, 24, "1 2 3 2 1"),
        HeaderExample("QoS Null", "c801 0000" + three + "0700", 26, "1 2 3 2 1"),
        HeaderExample("QoS data to the DS", "8841 0000" + three + "0500", 26, "1 2 3 2 1"),
        HeaderExample("A-MSDU to the DS", "8801 0000" + three + "8500", 26, "1 2 - 2 1"),
        HeaderExample("A-MSDU from the DS", "8802 0000" + three + "8500", 26, "1 2 1 - 2"),
        HeaderExample("QoS data with HT Control", "8882 0000" + three + "0500" + htControl, 30, "1 2 1 3 2"),
        HeaderExample("within the DS, HT Control", "8883 0000" + three + a4 + "0500" + htControl, 36, "1 2 3 4 -"),
        HeaderExample("A-MSDU within the DS", "8803 0000" + three + a4 + "8000", 32, "1 2 - - -"),
        HeaderExample("ACK", "d400 0000" + a1, 10, "1 - - - -"),
        HeaderExample("CTS", "c400 0000" + a1, 10, "1 - - - -"),
        HeaderExample("RTS", "b400 0000" + a1 + a2, 16, "1 2 - - -"),
        HeaderExample("BlockAckReq", "8400 0000" + a1 + a2, 16, "1 2 - - -"),
        HeaderExample("BlockAck", "9400 0000" + a1 + a2, 16, "1 2 - - -"),
        HeaderExample("PS-Poll", "a400 01c0" + a1 + a2, 16, "1 2 - - 1"),
        HeaderExample("CF-End", "e400 0000" + a1 + a2, 16, "1 2 - - 2"),
        HeaderExample("Trigger", "2400 0000" + a1 + a2, 16, "1 2 - - -"),
        HeaderExample("NDP Announcement", "5400 0000" + a1 + a2, 16, "1 2 - - -"),
        HeaderExample("Control Wrapper of an ACK", "7400 0000" + a1 + "d400" + htControl, 16, "1 - - - -"),
        HeaderExample("Control Wrapper of a BlockAck", "7400 0000" + a1 + "9400" + htControl + a2, 22, "1 2 - - -"),
        HeaderExample("Control Wrapper of a PS-Poll", "7400 0000" + a1 + "a400" + htControl + a2, 22, "1 2 - - 1"),
        HeaderExample(
            "Control Wrapper of what is no control frame", "7400 0000" + a1 + "8800" + htControl, 16, "1 - - - -"),
        HeaderExample("DMG Beacon", "0c00 0000" + a1, 10, "- - - - -"),
    ]
}

@Suite struct MACHeaderTests {
    @Test(arguments: HeaderExample.all)
    func everyKindHasItsLengthAndItsAddresses(_ example: HeaderExample) throws {
        let header = try MACHeader(parsing: example.octets + [0xee, 0xee])
        #expect(header.headerLength == example.length)
        let roles = [header.receiver, header.transmitter, header.destination, header.source, header.bssid]
        #expect(roles.map { $0.map { String($0.octet(5)) } ?? "-" }.joined(separator: " ") == example.roles)
    }

    @Test(arguments: HeaderExample.all)
    func headersAreWrittenAsTheyWereRead(_ example: HeaderExample) throws {
        var written: [UInt8] = []
        try MACHeader(parsing: example.octets + [0xee, 0xee]).append(to: &written)
        #expect(written == example.octets)
    }

    @Test(arguments: HeaderExample.all)
    func everyCutWithinTheHeaderIsAnError(_ example: HeaderExample) {
        for length in 0..<example.length {
            #expect(throws: FrameError.self) { try MACHeader(parsing: Array(example.octets.prefix(length))) }
        }
        #expect(throws: Never.self) { try MACHeader(parsing: Array(example.octets.prefix(example.length))) }
    }

    @Test func theFieldsAreThoseOfTheOctets() throws {
        let header = try MACHeader(
            parsing: octets("88bb 3c01 020000000001 020000000002 020000000003 3512 020000000004 e7ff 0d0c0b0a"))
        let control = header.frameControl
        #expect(control.kind == .qosData && control.type == .data && control.subtype == 8)
        #expect(control.toDS && control.fromDS && control.retry && control.powerManagement)
        #expect(control.moreData && control.order && !control.moreFragments && !control.protectedFrame)
        #expect(header.duration == 316)
        #expect(header.sequenceControl?.sequence == 0x123 && header.sequenceControl?.fragment == 5)
        #expect(header.qosControl?.tid == 7 && header.qosControl?.ackPolicy == .blockAck)
        #expect(header.htControl == 0x0a0b_0c0d)
    }

    @Test func aWrappedFrameSaysWhatItCarries() throws {
        let header = try MACHeader(parsing: octets("7400 0000 020000000001 9400 0d0c0b0a 020000000002"))
        #expect(header.carriedFrameControl?.kind == .blockAck && header.kind == .blockAck)
        #expect(header.frameControl.kind == .controlWrapper)
        #expect(header.htControl == 0x0a0b_0c0d)
    }

    @Test(arguments: [1, 2, 3])
    func otherProtocolVersionsAreRefused(version: UInt8) {
        let mpdu = [0x80 | version, 0] + Array(repeating: UInt8(0), count: 40)
        #expect(throws: FrameError(offset: 0, reason: .unsupportedVersion(version))) { try MACHeader(parsing: mpdu) }
    }
}
