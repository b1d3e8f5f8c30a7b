import IEEE80211
import Testing

@Suite struct QoSDataFrameTests {
    private let alice = MACAddress(rawValue: 0x0252_4c01_000a)
    private let bob = MACAddress(rawValue: 0x0252_4c01_000b)

    @Test func aFrameAndItsOctetsAreTheSame() throws {
        let mpdu = octets("8800 0000 02524c01000b 02524c01000a ffffffffffff 0000 2500 68656c6c6f")
        let frame = QoSDataFrame(
            receiver: bob, transmitter: alice, tid: 5, ackPolicy: .noAck, body: Array("hello".utf8))
        #expect(frame.serialized() == mpdu)
        #expect(try QoSDataFrame(parsing: mpdu) == frame)
    }

    @Test func everyOptionalPartSurvives() throws {
        let mpdu = octets("88b8 2c00 02524c01000b 02524c01000a 02524c010001 3012 f7ab 01020304 aa")
        let frame = try QoSDataFrame(parsing: mpdu)
        #expect(frame.flags == [.retry, .powerManagement, .moreData])
        #expect(frame.duration == 44)
        #expect(frame.sequenceControl.sequence == 0x123)
        #expect(frame.tid == 7 && frame.ackPolicy == .blockAck && frame.qosControl.aMSDUPresent)
        #expect(frame.qosControl.rawValue == 0xabf7)
        #expect(frame.htControl == 0x0403_0201)
        #expect(frame.body == [0xaa])
        #expect(frame.serialized() == mpdu)
    }

    @Test func settingOnePartOfTheQoSControlLeavesTheOthers() {
        var frame = QoSDataFrame(receiver: bob, transmitter: alice, tid: 15, ackPolicy: .blockAck, body: [])
        frame.qosControl.rawValue |= 0xff90
        frame.tid = 2
        frame.ackPolicy = .noExplicitAck
        #expect(frame.qosControl.rawValue == 0xffd2)
    }

    @Test(arguments: [
        ("data without QoS", "0800", FrameError(offset: 0, reason: .otherKind)),
        ("QoS Null", "c800", FrameError(offset: 0, reason: .otherKind)),
        ("to an access point", "8801", FrameError(offset: 0, reason: .otherKind)),
        ("from an access point", "8802", FrameError(offset: 0, reason: .otherKind)),
        ("action", "d000", FrameError(offset: 0, reason: .otherKind)),
        ("protocol version 2", "8a00", FrameError(offset: 0, reason: .unsupportedVersion(2))),
        ("encrypted", "8840", FrameError(offset: 26, reason: .protected)),
        ("a fragment", "8804", FrameError(offset: 26, reason: .fragment)),
    ])
    func otherFramesAreRefusedWithTheReason(name: String, frameControl: String, error: FrameError) {
        let mpdu = octets(frameControl + "0000 02524c01000b 02524c01000a ffffffffffff 0000 0500 68656c6c6f")
        #expect(throws: error) { try QoSDataFrame(parsing: mpdu) }
    }

    @Test(arguments: [(0, 0), (1, 0), (3, 2), (9, 4), (15, 10), (21, 16), (23, 22), (25, 24)])
    func aHeaderCutShortIsRefused(length: Int, offset: Int) {
        let mpdu = octets("8800 0000 02524c01000b 02524c01000a ffffffffffff 0000 0500")
        let error = #expect(throws: FrameError.self) { try QoSDataFrame(parsing: Array(mpdu.prefix(length))) }
        #expect(error?.offset == offset)
    }
}
