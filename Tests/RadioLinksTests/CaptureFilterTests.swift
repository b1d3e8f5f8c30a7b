import CNetlink
import IEEE80211
import Testing

@testable import RadioLinks

@Suite("What the kernel lets through")
struct CaptureFilterTests {
    /// Whether the filter for the own address lets a packet through, as libpcap runs it.
    private func passes(_ packet: [UInt8]) -> Bool {
        var text = [CChar](repeating: 0, count: Int(RL_CAPTURE_ERROR_SIZE))
        return rl_capture_filter_matches(
            RL_CAPTURE_RADIOTAP, Capture.filter(for: Packets.own), packet, packet.count, &text) == 1
    }

    @Test("frames to the own address and to groups, whatever the length of the radiotap header")
    func mine() {
        #expect(passes(Packets.received(Packets.fromPeer())))
        #expect(passes(Packets.received(Packets.fromPeer(to: Packets.broadcast))))
        #expect(passes(Packets.received(Packets.fromPeer(to: [0x01, 0x00, 0x5e, 0x00, 0x00, 0x01]))))
        let longHeader: [UInt8] = [0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x00, 0x00] + [UInt8](repeating: 0, count: 8)
        #expect(passes(longHeader + Packets.fromPeer()))
    }

    @Test("reports on frames from the own address")
    func reports() {
        #expect(passes(Packets.report(on: Packets.sent(), failed: true)))
        #expect(passes(Packets.report(on: Packets.sent(to: Packets.stranger), failed: true)))
    }

    @Test("not what somebody else sends under the own address")
    func ownAddressOfOthers() {
        #expect(!passes(Packets.received(Packets.sent())))
    }

    @Test("frames that say that their transmitter sleeps, to anybody in the own BSS or in any")
    func sleepers() {
        func sleeping(to receiver: [UInt8], bssid: [UInt8]) -> [UInt8] {
            var mpdu = Packets.fromPeer(to: receiver)
            mpdu[1] |= 0x10
            mpdu.replaceSubrange(16..<22, with: bssid)
            return Packets.received(mpdu)
        }
        let own = (0..<6).map(Packets.own.octet)
        #expect(passes(sleeping(to: Packets.stranger, bssid: own)))
        #expect(passes(sleeping(to: Packets.stranger, bssid: Packets.broadcast)))
        #expect(!passes(sleeping(to: Packets.stranger, bssid: Packets.stranger)))
    }

    @Test("not the frames of other stations to each other")
    func others() {
        #expect(!passes(Packets.received(Packets.fromPeer(to: Packets.stranger))))
    }
}
