import IEEE80211
import SessionCore
import Testing

@testable import HostInterface

@Suite struct FrameSizesTests {
    /// What a monitor interface is handed for an IP packet of this size, VLAN tag included.
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
        #expect(packet(mtu: FrameSizes.largestMTU).count == 2304)
        #expect(packet(mtu: FrameSizes.largestSafeMTU).count == 1500)
        #expect(FrameSizes.largestMTU == 2216)
        #expect(FrameSizes.largestSafeMTU == 1412)
    }

    @Test("the default keeps every frame on the air within 1500 octets, FCS included")
    func defaultMTU() {
        #expect(FrameSizes.defaultMTU <= FrameSizes.largestSafeMTU)
        let onTheAir = packet(mtu: FrameSizes.defaultMTU).count - FrameSizes.radiotapHeader + FrameCheckSequence.length
        #expect(onTheAir <= 1500)
    }
}
