import SessionCore
import Testing

@testable import HostInterface

/// Frames octet by octet: addresses, EtherType, the start of the packet.
@Suite struct ClassificationTests {
    private static let addresses: [UInt8] = [0x02, 0x52, 0x4c, 0, 0, 0x0b, 0x02, 0x52, 0x4c, 0, 0, 0x0a]

    private func tid(_ octets: [UInt8]) -> UInt8 {
        TrafficIdentifier(classifying: (Self.addresses + octets).span).rawValue
    }

    @Test(
        "DSCP: the three most significant bits, but for RFC 8325's exceptions; ECN does not count",
        arguments: [
            (0, 0), (1, 0), (8, 1), (10, 0), (12, 0), (14, 0), (16, 0), (18, 3), (20, 3), (22, 3), (24, 4), (26, 4),
            (28, 4), (30, 4), (32, 4), (34, 4), (36, 4), (38, 4), (40, 5), (44, 6), (46, 6), (48, 7), (56, 7), (63, 7),
        ] as [(UInt8, UInt8)])
    func dscp(_ dscp: UInt8, priority: UInt8) {
        for congestion in UInt8(0)...3 {
            let field = dscp << 2 | congestion
            #expect(tid([0x08, 0x00, 0x45, field, 0x00, 0x54]) == priority)
            #expect(tid([0x86, 0xdd, 0x60 | field >> 4, field << 4 | 0x0f, 0xff, 0xff]) == priority)
        }
    }

    @Test("the priority of a VLAN tag counts, of either kind; with priority 0 the packet decides")
    func vlan() {
        #expect(tid([0x81, 0x00, 0xa0, 0x05, 0x08, 0x00, 0x45, 0x00]) == 5)
        #expect(tid([0x88, 0xa8, 0xf0, 0x05, 0x08, 0x00, 0x45, 0x00]) == 7)
        #expect(tid([0x81, 0x00, 0x10, 0x05, 0x08, 0x00, 0x45, 0xb8]) == 6)
        #expect(tid([0x81, 0x00, 0x00, 0x05, 0x08, 0x06, 0x00, 0x01]) == 0)
    }

    @Test("MPLS: the traffic class; IEEE 802.21: 7; ARP and what is not known: best effort")
    func others() {
        #expect(tid([0x88, 0x47, 0x00, 0x01, 0x0b, 0x40]) == 5)
        #expect(tid([0x88, 0x48, 0xff, 0xff, 0xf5, 0xff]) == 2)
        #expect(tid([0x89, 0x17, 0x00]) == 7)
        #expect(tid([0x08, 0x06, 0x00, 0x01, 0x08, 0x00]) == 0)
        #expect(tid([0x00, 0x40, 0x42, 0x42, 0x03]) == 0)
    }

    @Test("what is cut short is best effort, at every length")
    func short() {
        for frame in [[0x08, 0x00, 0x45, 0xb8], [0x86, 0xdd, 0x6b, 0x80], [0x81, 0x00, 0xa0, 0x05, 0x08, 0x00]]
            as [[UInt8]]
        {
            let whole = Self.addresses + frame
            for length in 0..<whole.count {
                #expect(TrafficIdentifier(classifying: whole.span.extracting(first: length)) == .bestEffort)
            }
            #expect(TrafficIdentifier(classifying: whole.span) != .bestEffort)
        }
    }
}
