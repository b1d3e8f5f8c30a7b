import Foundation
import Glibc
import IEEE80211
import SessionCore
import Testing

@testable import RadioLinks

/// The mac80211_hwsim radios of the machine that the tests run on.
enum KernelRadios {
    /// The lab sets this where it has loaded mac80211_hwsim with at least two radios, for root.
    static let areThere = ProcessInfo.processInfo.environment["RELINK_RADIO_TESTS"] == "1"

    /// Whether frames sent through an active monitor vanish: drivers with channel contexts, which hwsim is with
    /// `channels=2`.
    static var haveChannelContexts: Bool {
        (try? String(contentsOfFile: "/sys/module/mac80211_hwsim/parameters/channels", encoding: .utf8)) != "1\n"
    }

    static let addresses = [Packets.own, Packets.peer]

    /// Makes a link of the radio at `index`, with our address for 0 and the peer's for 1.
    static func link(
        _ index: Int, _ acknowledgment: MonitorRadioConfiguration.Acknowledgment = .automatic, frequency: UInt16 = 2412,
        interface: String? = nil, anchor: MonitorRadioConfiguration.Anchor = .automatic,
        rates: MonitorRadioConfiguration.Rates = .automatic
    ) throws -> MonitorRadio {
        try MonitorRadio(
            configuration: MonitorRadioConfiguration(
                identifier: try #require(LinkIdentifier(index)), wiphy: try wiphy(index).name,
                interface: interface ?? "relinktest\(index)", address: addresses[index], frequency: frequency,
                acknowledgment: acknowledgment, anchor: anchor, rates: rates),
            random: SeededRandom(seed: 1))
    }

    /// The way to hold radios where nothing beacons.
    static var wayWithoutAnchor: RadioWay { haveChannelContexts ? .plain : .active }

    static func wiphy(_ index: Int) throws -> Wiphy {
        let wiphys = try RadioControl().wiphys()
        try #require(wiphys.indices.contains(index), "the tests need two radios")
        return wiphys[index]
    }

    /// The interface that hwsim made for the radio, which is down.
    static func otherInterface(of index: Int) throws -> String {
        let wiphy = try wiphy(index)
        return try #require(try RadioControl().interfaces().first { $0.wiphy == wiphy.index && !$0.isMonitor }).name
    }

    static func exists(_ interface: String) -> Bool {
        FileManager.default.fileExists(atPath: "/sys/class/net/\(interface)")
    }

    /// What a file of an interface in /sys says.
    static func sysfs(_ interface: String, _ file: String) throws -> String {
        try String(contentsOfFile: "/sys/class/net/\(interface)/\(file)", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs a program that must succeed: what another user of the machine does to our radios.
    static func run(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // Busybox's shell, which the lab's guest has, would take its own `ip`.
        process.arguments = ["-c", "PATH=$PATH:/usr/sbin:/sbin; ip() { /sbin/ip \"$@\"; }; \(command)"]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(command)")
    }

    /// Waits for a descriptor to be readable, then runs `body`, until that says that it has what it wants.
    static func wait(for descriptor: CInt, until body: () throws -> Bool) throws {
        while try !body() {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            try #require(poll(&waiting, 1, 30_000) == 1, "nothing comes any more")
        }
    }

    /// What a radio tells, up to and with the first indication that `isLast` accepts.
    static func indications(
        of radio: MonitorRadio, until isLast: (RadioIndication) -> Bool
    ) throws -> [(RadioIndication, mpdu: [UInt8])] {
        var indications: [(RadioIndication, mpdu: [UInt8])] = []
        try wait(for: radio.readinessDescriptor) {
            try radio.receive(limit: 64) { indications.append(($0, $1.withUnsafeBytes { [UInt8]($0) })) }
            return indications.contains { isLast($0.0) }
        }
        return indications
    }

    /// What the kernel tells, up to and with `last`.
    static func events(of events: RadioEvents, until last: RadioEvent) throws -> [RadioEvent] {
        var told: [RadioEvent] = []
        try wait(for: events.readinessDescriptor) {
            events.receive { told.append($0) }
            return told.contains(last)
        }
        return told
    }
}

extension MonitorRadio {
    /// Sends one frame; returns whether there was room.
    @discardableResult
    func send(number: TransmissionNumber, mpdu: [UInt8]) throws(RadioError) -> Bool {
        var frames = FrameBatch()
        frames.append(number, mpdu.span)
        return try send(frames) == 1
    }
}
