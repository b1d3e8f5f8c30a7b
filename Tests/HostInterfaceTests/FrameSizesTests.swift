import IEEE80211
import SessionCore
import Testing

@testable import HostInterface

@Suite struct FrameSizesTests {
    /// What a monitor interface is handed for an IP packet of this size when nothing protects it, VLAN tag included.
    private func packet(mtu: Int) -> [UInt8] {
        let payload = [UInt8](repeating: 0, count: FrameSizes.ethernetHeader + mtu)
        let body = PayloadFrame(
            header: PayloadHeader(
                transmission: TransmissionNumber(rawValue: 0), session: SessionIdentifier(rawValue: 0),
                sequence: SequenceNumber(rawValue: 0)),
            payload: payload
        ).body
        let frame = QoSDataFrame(receiver: .broadcast, transmitter: .broadcast, tid: 0, body: body)
        return RadiotapTransmitHeader(transmitFlags: [.keepOrder]).serialized() + frame.serialized()
    }

    @Test("the limits follow from the headers as they are made")
    func limits() {
        // Protected, a frame has GCMP header and MIC more, and the CRC less.
        let protection = PayloadFrame.protectedOverhead - PayloadFrame.overhead
        #expect(protection == 8 + 16 - 4)
        #expect(packet(mtu: FrameSizes.largestMTU).count + protection == 2304)
        #expect(packet(mtu: FrameSizes.largestSafeMTU).count + protection == 1500)
        #expect(FrameSizes.largestMTU == 2196)
        #expect(FrameSizes.largestSafeMTU == 1392)
    }

    @Test("the default keeps every frame on the air within 1500 octets, FCS included")
    func defaultMTU() {
        #expect(FrameSizes.defaultMTU <= FrameSizes.largestSafeMTU)
        let protection = PayloadFrame.protectedOverhead - PayloadFrame.overhead
        let handed = packet(mtu: FrameSizes.defaultMTU).count + protection
        let onTheAir = handed - FrameSizes.radiotapHeader + FrameCheckSequence.length
        #expect(onTheAir <= 1500)
    }
}
