import CaptureFiles
import FrameDecoding
import Testing

@Suite struct JSONTests {
    private static let head = #"{"number":1,"interface":0,"length":"#
    private static let addresses =
        #""ra":"02:52:4c:01:00:0b","ta":"02:52:4c:01:00:0a","da":"02:52:4c:01:00:0b","sa":"02:52:4c:01:00:0a","#
        + #""bssid":"ff:ff:ff:ff:ff:ff","sequence":837,"fragment":0,"#

    @Test(arguments: JSONTests.frames)
    func aFrameIsItsKeys(_ example: Example) {
        #expect(Frames.json(Frames.record(example.hex)) == Self.head + example.text + "\n")
    }

    /// Octets of bare frames, and their lines without number and interface.
    static let frames: [Example] = [
        Example(
            Frames.action + "0300 2a 1210 0a00 3012",
            #"33,"type":0,"subtype":13,"# + addresses
                + #""tid":4,"category":3,"action":0,"dialogToken":42,"bufferSize":64,"blockAckPolicy":1,"timeout":10,"#
                + #""startingSequence":291,"malformed":null}"#
        ),
        Example(
            Frames.action + "0301 2a 2500 1010 0a00",
            #"33,"type":0,"subtype":13,"# + addresses
                + #""tid":4,"category":3,"action":1,"dialogToken":42,"bufferSize":64,"blockAckPolicy":0,"timeout":10,"#
                + #""status":37,"malformed":null}"#
        ),
        Example(
            Frames.action + "0302 0058 2500",
            #"30,"type":0,"subtype":13,"# + addresses + #""tid":5,"category":3,"action":2,"malformed":null}"#
        ),
        Example(
            Frames.action + "7f 02524c 01",
            #"29,"type":0,"subtype":13,"# + addresses + #""category":127,"malformed":null}"#
        ),
        Example(
            "b000 0000" + Frames.addresses + "ffffffffffff 5034 0000 0200 0d00",
            #"30,"type":0,"subtype":11,"# + addresses + #""status":13,"malformed":null}"#
        ),
        Example(
            "8800 0000" + Frames.addresses + "ffffffffffff 5034 0600 aaaa",
            #"28,"type":2,"subtype":8,"# + addresses + #""tid":6,"malformed":null}"#
        ),
        Example(
            "d040 0000" + Frames.addresses + "ffffffffffff 5034 0302 0058 2500",
            #"30,"type":0,"subtype":13,"# + addresses + #""malformed":null}"#
        ),
        Example(
            "8400 0000" + Frames.addresses + "0470 f0ff",
            #"20,"type":1,"subtype":8,"ra":"02:52:4c:01:00:0b","ta":"02:52:4c:01:00:0a","tid":7,"#
                + #""startingSequence":4095,"malformed":null}"#
        ),
        Example(
            "9400 0000" + Frames.addresses + "0570 3012 0100000000000000",
            #"28,"type":1,"subtype":9,"ra":"02:52:4c:01:00:0b","ta":"02:52:4c:01:00:0a","tid":7,"#
                + #""startingSequence":291,"malformed":null}"#
        ),
        Example("d400 0000 02524c01000b", #"10,"type":1,"subtype":13,"ra":"02:52:4c:01:00:0b","malformed":null}"#),
    ]

    @Test func radiotapGivesSignalAndFrequency() {
        let record = Frames.record(Frames.radiotap() + "d400 0000 02524c01000b", linkType: .radiotap, interface: 2)
        #expect(
            Frames.json(record, number: 12)
                == #"{"number":12,"interface":2,"length":25,"type":1,"subtype":13,"ra":"02:52:4c:01:00:0b","#
                + #""signal":-30,"frequency":2412,"malformed":null}"# + "\n")
    }

    @Test func anEchoHasItsTransmitFlags() {
        let echo = Frames.record("00 00 0a00 00800000 0100 d400 0000 02524c01000b", linkType: .radiotap)
        #expect(Frames.json(echo).hasSuffix(#""txFlags":1,"malformed":null}"# + "\n"))
    }

    /// What stands before the fault is told; the fault is told by its octet in the packet.
    @Test func aFaultIsNamedBehindWhatWasRead() {
        let record = Frames.record(
            Frames.radiotap() + Frames.action + "0300 2a 1210 0a00 3012 dd04 0252", linkType: .radiotap)
        let line = Frames.json(record)
        #expect(line.contains(#""tid":4,"category":3,"action":0,"dialogToken":42,"bufferSize":64"#))
        #expect(line.hasSuffix(#""malformed":"octet 48: cut short: 6 octets needed, 4 there"}"# + "\n"))

        let extensionless = Frames.json(Frames.record(Frames.action + "0302 0058 2500 ff00"))
        #expect(extensionless.contains(#""tid":5,"category":3,"action":2,"malformed":"octet 31: a length of 0"#))
    }

    static let malformed: [Example] = [
        Example("", #""malformed":"octet 0: cut short: 2 octets needed, 0 there"}"#),
        Example("d500", #""malformed":"octet 0: version 1 is not known"}"#),
        Example(
            "9400 0000" + Frames.addresses + "0570 30", #""malformed":"octet 18: cut short: 2 octets needed, 1 there"}"#
        ),
        Example(Frames.action, #""malformed":"octet 24: cut short: 1 octets needed, 0 there"}"#),
        Example(Frames.action + "0300 2a", #""action":0,"dialogToken":42,"malformed":"octet 27: cut short"#),
        Example("b000 0000" + Frames.addresses + "ffffffffffff 5034 0000 02", #""malformed":"octet 24: cut short"#),
    ]

    @Test(arguments: JSONTests.malformed)
    func everyMalformedFrameHasALine(_ example: Example) {
        #expect(Frames.json(Frames.record(example.hex)).contains(example.text))
    }

    @Test func aPacketOfAnotherLinkTypeIsNotReadAndNoFault() {
        let record = Frames.record("d400 0000 02524c01000b", linkType: LinkType(rawValue: 1))
        #expect(Frames.json(record) == Self.head + #"10,"linkType":1,"malformed":null}"# + "\n")
    }

    /// The capture kept 20 of 60 octets: the length is that of the packet, and the fault says who cut it.
    @Test func aPacketCutByTheCaptureSaysSo() {
        let line = Frames.json(Frames.record("8000 0000 ffffffffffff 02524c01000a 02524c01", originalLength: 60))
        #expect(line.hasPrefix(Self.head + "60,"))
        #expect(line.hasSuffix(#""octet 16: cut short: 6 octets needed, 4 there (the capture kept 20 of 60)"}"# + "\n"))
    }
}
