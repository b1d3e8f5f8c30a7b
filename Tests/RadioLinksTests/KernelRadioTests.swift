import EventLoop
import Foundation
import Glibc
import IEEE80211
import SessionCore
import Testing

@testable import RadioLinks

/// The driver on the kernel's own radios. One after the other: they share the radios.
@Suite(
    "Radios of the kernel", .serialized,
    .enabled(if: KernelRadios.areThere, "needs root and mac80211_hwsim; tools/lab sets RELINK_RADIO_TESTS=1 there"))
struct KernelRadioTests {
    private let first = TransmissionNumber(rawValue: 1)
    private let second = TransmissionNumber(rawValue: 2)

    @Test("a link is what it says, and leaves nothing behind")
    func lifetime() throws {
        var radio: MonitorRadio? = try KernelRadios.link(0)
        let made = try #require(radio)
        #expect(made.properties.address == Packets.own)
        #expect(made.properties.frequency == 2412)
        #expect(made.properties.acknowledgment == .mac)
        #expect(made.way == .accessPoint)
        #expect(made.notes.isEmpty, "\(made.notes)")
        #expect(try KernelRadios.sysfs("relinktest0", "address") == "02:52:4c:01:00:0a")
        #expect(try KernelRadios.sysfs("relinktest0", "mtu") == "2304")
        #expect(try KernelRadios.sysfs("relinktest0", "type") == "803")
        #expect(try KernelRadios.sysfs("relinktest0", "ifindex") == "\(made.interfaceIndex)")
        #expect(try KernelRadios.sysfs("relinktest0a", "address") == "02:52:4c:01:00:0a")
        #expect(try KernelRadios.sysfs("relinktest0a", "ifindex") == made.companionIndex.map { "\($0)" })
        #expect(try KernelRadios.sysfs("relinktest0a", "operstate") == "dormant", "the host has no use for it")
        #expect(!FileManager.default.fileExists(atPath: "/proc/sys/net/ipv6/conf/relinktest0a"), "nor has IPv6")
        try made.check()
        made.close()
        #expect(!KernelRadios.exists("relinktest0"))
        #expect(!KernelRadios.exists("relinktest0a"))
        #expect(throws: RadioError.closed(interface: "relinktest0")) { try made.receive(limit: 1) { _, _ in } }
        #expect(throws: RadioError.closed(interface: "relinktest0")) {
            try made.send(number: first, mpdu: Packets.sent())
        }
        #expect(throws: RadioError.closed(interface: "relinktest0")) { try made.check() }

        radio = try KernelRadios.link(0, .frame)
        #expect(KernelRadios.exists("relinktest0"))
        radio = nil
        #expect(!KernelRadios.exists("relinktest0"))
    }

    @Test(
        "a frame arrives as it was sent, and the report says whether it was acknowledged",
        arguments: [MonitorRadioConfiguration.Anchor.accessPoint, .ibss, .none])
    func exchange(anchor: MonitorRadioConfiguration.Anchor) throws {
        let radios = [try KernelRadios.link(0, anchor: anchor), try KernelRadios.link(1, anchor: anchor)]
        let way: RadioWay = [.accessPoint: .accessPoint, .ibss: .ibss][anchor] ?? KernelRadios.wayWithoutAnchor
        #expect(radios.map(\.way) == [way, way])
        #expect(try radios[0].send(number: first, mpdu: Packets.sent(to: Packets.stranger)))
        #expect(try radios[0].send(number: second, mpdu: Packets.sent()))
        let received = try KernelRadios.indications(of: radios[1]) { _ in true }
        // Duration and sequence number are the kernel's.
        guard case (.frame(let signal, let frequency), var mpdu) = try #require(received.first) else {
            Issue.record("\(received)")
            return
        }
        mpdu.replaceSubrange(2..<4, with: [0, 0])
        mpdu.replaceSubrange(22..<24, with: [0, 0])
        #expect(mpdu == Packets.sent())
        #expect(signal != nil)
        #expect(frequency == 2412)
        #expect(radios[1].counters.received == 1)

        guard radios[0].properties.acknowledgment == .mac else { return }
        let reports = try KernelRadios.indications(of: radios[0]) {
            $0 == .transmitted(number: second, acknowledged: true)
        }
        #expect(reports.contains { $0.0 == .transmitted(number: first, acknowledged: false) })
        #expect(radios[0].counters.acknowledged == 1)
        #expect(radios[0].counters.notAcknowledged == 1)
    }

    @Test(
        "RAT-3: a payload goes at the ordered rate, at what the peer's station receives, or at the lowest; an action frame at the lowest",
        arguments: [
            (MonitorRadioConfiguration.Rates.ordered([.modulation(5)]), 5), (.automatic, nil), (.lowest, nil),
        ] as [(MonitorRadioConfiguration.Rates, UInt8?)])
    func rates(rates: MonitorRadioConfiguration.Rates, modulation: UInt8?) throws {
        let radios = [try KernelRadios.link(0, rates: rates), try KernelRadios.link(1)]
        let received = try Capture(interface: "relinktest1")
        try radios[0].setPeers([PeerRadio(address: Packets.peer)])
        var payload = Packets.sent()
        payload[0] = 0x88
        payload.insert(contentsOf: [0, 0], at: 24)
        #expect(try radios[0].send(number: first, mpdu: payload))
        #expect(try radios[0].send(number: second, mpdu: Packets.sent()))
        // The MCS of what is received; `nil` for a legacy rate.
        var payloads: [UInt8?] = []
        var actions: [UInt8?] = []
        try KernelRadios.wait(for: received.descriptor) {
            _ = try received.receive(limit: 16) { packet in
                guard let header = try? Radiotap(parsing: packet), !header.isTransmitEcho else { return }
                let mpdu = header.mpduRange(ofPacketWithCount: packet.count)
                switch packet[mpdu.lowerBound] {
                case 0x88: payloads.append(header.mcs?.index)
                case 0xd0: actions.append(header.mcs?.index)
                default: break
                }
            }
            return !payloads.isEmpty && !actions.isEmpty
        }
        #expect(actions == [nil])
        // Rate control begins with a rate of its choice.
        if rates != .automatic { #expect(payloads == [modulation]) }
        let report = radios[0].report(of: Packets.peer)
        #expect((report == nil) == (rates != .automatic), "stations are for rates that the kernel chooses")
        try radios[0].setPeers([])
        #expect(radios[0].report(of: Packets.peer) == nil)
    }

    @Test("MAC acknowledgment that the radio can't give is refused, and nothing is left behind")
    func macImpossible() throws {
        guard KernelRadios.haveChannelContexts else {
            #expect(try KernelRadios.link(0, .mac, anchor: .none).properties.acknowledgment == .mac)
            return
        }
        let error = RadioError.macAcknowledgmentImpossible(
            wiphy: try KernelRadios.wiphy(0).name, failures: [WayFailure(.active, .noReport)])
        #expect(throws: error) { try KernelRadios.link(0, .mac, anchor: .none) }
        #expect(!KernelRadios.exists("relinktest0"))
        #expect(!KernelRadios.exists("relinktest0a"))
    }

    @Test(
        "radios on different channels never receive each other, whatever holds them",
        arguments: [MonitorRadioConfiguration.Anchor.accessPoint, .ibss, .none])
    func channels(anchor: MonitorRadioConfiguration.Anchor) throws {
        let radios = [
            try KernelRadios.link(0, frequency: 2412, anchor: anchor),
            try KernelRadios.link(1, frequency: 2462, anchor: anchor),
        ]
        #expect(try radios[0].send(number: first, mpdu: Packets.sent()))
        if radios[0].properties.acknowledgment == .mac {
            let reports = try KernelRadios.indications(of: radios[0]) { _ in true }
            #expect(reports.map(\.0) == [.transmitted(number: first, acknowledged: false)])
        }
        var received = 0
        _ = try radios[1].receive(limit: MonitorRadio.mostWaiting) { indication, _ in
            if case .frame = indication { received += 1 }
        }
        #expect(received == 0)
        radios[1].close()
        let there = try KernelRadios.link(1, frequency: 2412, anchor: anchor)
        #expect(try radios[0].send(number: second, mpdu: Packets.sent()))
        let arrived = try KernelRadios.indications(of: there) { _ in true }
        guard case .frame(_, 2412) = try #require(arrived.first).0 else {
            Issue.record("\(arrived)")
            return
        }
    }

    @Test("an anchor that is stopped or moved is found, told, and started again")
    func anchorStopped() throws {
        let events = try RadioEvents()
        let radio = try KernelRadios.link(0)
        let index = try #require(radio.companionIndex)
        try KernelRadios.run("iw dev relinktest0a ap stop")
        _ = try KernelRadios.events(of: events, until: .stationRemoved(index: index))
        #expect(throws: RadioError.anchorStopped(interface: "relinktest0a")) { try radio.check() }
        try radio.restore(settingUp: false)
        try radio.check()
        try KernelRadios.run("ip link set relinktest0a down")
        _ = try KernelRadios.events(of: events, until: .interfaceDown(index: index, name: "relinktest0a"))
        #expect(throws: RadioError.interfaceDown(interface: "relinktest0a")) { try radio.restore(settingUp: false) }
        try radio.restore(settingUp: true)
        try radio.check()
        try KernelRadios.run("iw dev relinktest0a del")
        _ = try KernelRadios.events(of: events, until: .interfaceRemoved(index: index, name: "relinktest0a"))
        #expect(throws: RadioError.interfaceGone(interface: "relinktest0a")) { try radio.check() }
    }

    @Test("an interface that goes down and up again is told, and works again")
    func downAndUp() throws {
        let events = try RadioEvents()
        let radios = [try KernelRadios.link(0), try KernelRadios.link(1)]
        let index = radios[0].interfaceIndex
        try KernelRadios.run("ip link set relinktest0 down")
        _ = try KernelRadios.events(of: events, until: .interfaceDown(index: index, name: "relinktest0"))
        #expect(throws: RadioError.interfaceDown(interface: "relinktest0")) {
            try radios[0].send(number: first, mpdu: Packets.sent())
        }
        #expect(throws: RadioError.interfaceDown(interface: "relinktest0")) { try radios[0].check() }
        try KernelRadios.run("ip link set relinktest0 up")
        _ = try KernelRadios.events(of: events, until: .interfaceUp(index: index, name: "relinktest0"))
        try radios[0].restore(settingUp: false)
        #expect(try radios[0].send(number: second, mpdu: Packets.sent()))
        #expect(try KernelRadios.indications(of: radios[1]) { _ in true }.count == 1)
        // What the socket has to tell of the time when it was down must not keep it readable.
        try radios[0].receive(limit: 64) { _, _ in }
        var waiting = pollfd(fd: radios[0].readinessDescriptor, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, 0) == 1 { try radios[0].receive(limit: 64) { _, _ in } }
    }

    @Test("an interface that somebody removes is told and is gone")
    func removed() throws {
        let events = try RadioEvents()
        let radio = try KernelRadios.link(0)
        try KernelRadios.run("iw dev relinktest0 del")
        _ = try KernelRadios.events(
            of: events, until: .interfaceRemoved(index: radio.interfaceIndex, name: "relinktest0"))
        #expect(throws: RadioError.interfaceGone(interface: "relinktest0")) { try radio.receive(limit: 64) { _, _ in } }
        #expect(throws: RadioError.interfaceGone(interface: "relinktest0")) {
            try radio.send(number: first, mpdu: Packets.sent())
        }
        #expect(throws: RadioError.interfaceGone(interface: "relinktest0")) { try radio.check() }
    }

    @Test("SIGTERM ends the loop, and the link that it ran goes with its interface")
    func terminated() throws {
        do {
            let loop = try EventLoop()
            let radio = try KernelRadios.link(0, .frame)
            try loop.register(radio.readinessDescriptor) { _ in }
            #expect(KernelRadios.exists("relinktest0"))
            pthread_kill(pthread_self(), SIGTERM)
            try loop.run()
        }
        #expect(!KernelRadios.exists("relinktest0"))
    }

    @Test("a radio that disappears and comes back is told")
    func unplugged() throws {
        let events = try RadioEvents()
        let name = try KernelRadios.wiphy(0).name
        let radio = try KernelRadios.link(0)
        try KernelRadios.run("ip netns add relinktest && iw phy \(name) set netns name relinktest")
        let told = try KernelRadios.events(of: events, until: .wiphyRemoved(name: name))
        #expect(told.contains(.wiphyRemoved(name: name)))
        let error = #expect(throws: RadioError.self) {
            _ = try MonitorRadio(
                configuration: MonitorRadioConfiguration(
                    identifier: radio.identifier, wiphy: name, interface: "relinktest9", frequency: 2412),
                random: SeededRandom(seed: 1))
        }
        guard case .wiphyNotFound(name, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(throws: RadioError.interfaceGone(interface: "relinktest0")) { try radio.check() }
        try KernelRadios.run("ip netns exec relinktest iw phy \(name) set netns 1; ip netns del relinktest")
        _ = try KernelRadios.events(of: events, until: .wiphyAdded(name: name))
        radio.close()
        #expect(!KernelRadios.exists("relinktest0"))
        #expect(try KernelRadios.link(0, .frame).properties.frequency == 2412)
    }

    @Test("what an earlier agent left behind is removed, whatever its name; what somebody else made is not touched")
    func leftOver() throws {
        let name = try KernelRadios.wiphy(0).name
        try KernelRadios.run("iw phy \(name) interface add theirs type monitor; ip link set theirs alias someone")
        defer { try? KernelRadios.run("iw dev theirs del") }
        try KernelRadios.run("iw phy \(name) interface add relinkold type __ap; ip link set relinkold alias 'relink 1'")
        try KernelRadios.run("iw phy \(name) interface add relinktest0 type monitor")
        #expect(throws: RadioError.interfaceNameTaken(interface: "relinktest0")) { try KernelRadios.link(0) }
        #expect(KernelRadios.exists("relinktest0"))
        try KernelRadios.run("ip link set relinktest0 alias relink")
        let radio = try KernelRadios.link(0, .frame)
        #expect(
            radio.notes.contains { $0.contains("removed") && $0.contains("relinktest0") && $0.contains("relinkold") })
        #expect(!KernelRadios.exists("relinkold"))
        #expect(KernelRadios.exists("theirs"))
        radio.close()
        #expect(throws: RadioError.interfaceNameTaken(interface: "lo")) { try KernelRadios.link(0, interface: "lo") }
    }

    @Test("a channel that another interface holds is refused, with the name of that interface")
    func busy() throws {
        let wiphy = try KernelRadios.wiphy(0).name
        let other = try KernelRadios.otherInterface(of: 0)
        try KernelRadios.run("ip link set \(other) up")
        let error = #expect(throws: RadioError.self) { try KernelRadios.link(0) }
        guard case .radioHeld(wiphy, let holders) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(holders.map(\.name) == [other])
        try KernelRadios.run("ip link set \(other) down")
        #expect(!KernelRadios.exists("relinktest0"))
    }

    @Test("a channel that the regulatory domain forbids is refused before anything is made")
    func forbidden() throws {
        let wiphy = try KernelRadios.wiphy(0)
        let forbidden = try #require(
            wiphy.channels.keys.sorted().first { wiphy.channels[$0]?.restrictions.contains(.disabled) == true }
                ?? wiphy.channels.keys.sorted().first { wiphy.channels[$0]?.restrictions.isEmpty == false })
        let error = #expect(throws: RadioError.self) { try KernelRadios.link(0, frequency: forbidden) }
        guard case .channelForbidden(wiphy.name, forbidden, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(throws: RadioError.channelUnknown(wiphy: wiphy.name, frequency: 1000)) {
            try KernelRadios.link(0, frequency: 1000)
        }
    }

    @Test("a channel that somebody changed is found, and set again")
    func channelMoved() throws {
        let radio = try KernelRadios.link(0, .frame)
        try KernelRadios.run("iw dev relinktest0 set freq 2437")
        #expect(throws: RadioError.channelNotKept(interface: "relinktest0", wanted: 2412, found: 2437)) {
            try radio.check()
        }
        try radio.restore(settingUp: false)
        try radio.check()
    }

    @Test("a frame that does not fit is refused with its length and the limit")
    func tooLong() throws {
        let radio = try KernelRadios.link(0, .frame)
        let longest = Packets.sent() + [UInt8](repeating: 0, count: 2304 - 10 - Packets.sent().count)
        #expect(try radio.send(number: first, mpdu: longest))
        #expect(throws: RadioError.frameTooLong(interface: "relinktest0", length: 2404, mtu: 2304)) {
            try radio.send(number: second, mpdu: longest + [UInt8](repeating: 0, count: 100))
        }
    }

    @Test("a check tells what a radio is good for, and leaves nothing behind")
    func check() throws {
        let wiphy = try KernelRadios.wiphy(0)
        let checked = try LinkCheck().run(LinkCheck.Request(wiphy: wiphy.name, frequency: 2412))
        #expect(checked.verdict == .mac, "\(checked)")
        #expect(checked.way == .accessPoint)
        #expect(checked.driver == "mac80211_hwsim")
        let gives = KernelRadios.haveChannelContexts ? ["mac", nil, "frame"] : ["mac", "mac", "frame"]
        #expect(checked.ways.map(\.way) == [.accessPoint, .active, .plain])
        #expect(checked.ways.map(\.gives) == gives, "\(checked.ways)")
        #expect(checked.ways.first?.burst == WayReport.Burst(injected: 300, echoes: 300))
        #expect(!KernelRadios.exists(LinkCheck.interfaceName(wiphyIndex: wiphy.index)))
        #expect(!KernelRadios.exists(LinkCheck.interfaceName(wiphyIndex: wiphy.index) + "a"))
    }

    @Test("frames captured on another channel before the radio was put back do not take it down again")
    func strays() throws {
        var ports: [LatePort] = []
        let radio = try MonitorRadio(
            configuration: MonitorRadioConfiguration(
                identifier: try #require(LinkIdentifier(0)), wiphy: try KernelRadios.wiphy(0).name,
                interface: "relinktest0", frequency: 2412), random: SeededRandom(seed: 1)
        ) { order, notes throws(RadioError) in
            let port = LatePort(try KernelPort.open(order, notes: &notes))
            ports.append(port)
            return port
        }
        let port = try #require(ports.last)
        var stray = Packets.received(Packets.fromPeer())
        stray.replaceSubrange(10..<12, with: [0x85, 0x09])
        port.late = [stray]
        #expect(throws: RadioError.channelNotKept(interface: "relinktest0", wanted: 2412, found: 2437)) {
            try radio.receive(limit: 1) { _, _ in }
        }
        port.late = [stray, stray]
        try radio.restore(settingUp: false)
        #expect(port.late.isEmpty)
        try radio.receive(limit: 1) { _, _ in }
    }

    @Test("a radio whose reports lie is told from the real one, by a check and by an agent")
    func lying() throws {
        let makePort: MonitorPortMaker = { order, notes throws(RadioError) in
            LyingPort(try KernelPort.open(order, notes: &notes))
        }
        let name = try KernelRadios.wiphy(0).name
        let checked = try LinkCheck(interruption: nil, makePort: makePort)
            .run(LinkCheck.Request(wiphy: name, frequency: 2412))
        #expect(checked.verdict == .frame)
        #expect(checked.problem?.name == "macAcknowledgmentImpossible")
        #expect(checked.ways.first?.problem?.name == "falseReports")
        #expect(checked.ways.first?.falseEchoes == 3)
        let radio = try MonitorRadio(
            configuration: MonitorRadioConfiguration(
                identifier: try #require(LinkIdentifier(0)), wiphy: name, interface: "relinktest0", frequency: 2412),
            random: SeededRandom(seed: 1), makePort: makePort)
        #expect(radio.properties.acknowledgment == .frame)
        #expect(radio.way == .plain)
    }
}
