import Glibc
import IEEE80211
import Testing

@testable import RadioLinks

@Suite("Errors of radios")
struct RadioErrorTests {
    @Test(
        "name the cause with its circumstances, and a remedy",
        arguments: [
            (.wiphyNotFound(name: "phy9", available: ["phy0"]), "phy9", "iw phy"),
            (.wirelessMissing, "nl80211", "modprobe"),
            (.radiosMissing, "no radios", "iw phy NAME set netns"),
            (.noPermittedChannel(wiphy: "phy0", regulatoryDomain: "00"), "domain 00", "iw reg set"),
            (.interrupted, "interrupted", "again"),
            (.monitorUnsupported(wiphy: "phy0"), "monitor mode", "iw phy"),
            (.interfaceNameTaken(interface: "relink1"), "relink1 exists", "iw dev relink1 del"),
            (.interfaceNameUnusable("a/b"), "'a/b'", "1 to 15"),
            (.channelBusy(wiphy: "phy0", frequency: 2412, interfaces: ["wlan0"]), "serves wlan0", "set wlan0 down"),
            (.channelNotKept(interface: "relink1", wanted: 5180, found: 2412), "at 2412 MHz", "iw dev"),
            (.channelNotKept(interface: "relink1", wanted: 5180, found: 0), "on no channel", "iw dev"),
            (
                .addressNotKept(interface: "relink1", wanted: Packets.own, found: Packets.peer), "02:52:4c:01:00:0b",
                "address"
            ),
            (
                .macAcknowledgmentImpossible(
                    wiphy: "phy0", failures: [WayFailure(.accessPoint, .noReport), WayFailure(.active, .notOffered)]),
                "an access point brings no TX report on frames to an absent address; an active monitor is not offered",
                "\"frame\""
            ),
            (
                .macAcknowledgmentImpossible(wiphy: "phy0", failures: [WayFailure(.active, .falseReports)]),
                "absent address as acknowledged", "\"frame\""
            ),
            (
                .radioNotHeld(wiphy: "phy0", failure: WayFailure(.plain, .otherChannel(2437))),
                "a plain monitor leaves the radio at 2437 MHz", "iw dev"
            ),
            (.anchorStopped(interface: "relink1a"), "relink1a", "NetworkManager"),
            (.radioBlocked(wiphy: "phy0"), "rfkill", "rfkill unblock"),
            (.permissionDenied(action: "make an interface"), "make an interface", "CAP_NET_ADMIN"),
            (.frameTooLong(interface: "relink1", length: 2310, mtu: 2304), "2310", "2304"),
            (.interfaceDown(interface: "relink1"), "relink1 is down", "ip link set relink1 up"),
            (.interfaceGone(interface: "relink1"), "gone", "plug"),
            (.refused(action: "set relink1 up", code: 22), "Invalid argument", "dmesg"),
        ] as [(RadioError, String, String)])
    func description(error: RadioError, cause: String, remedy: String) {
        #expect(error.cause.contains(cause))
        #expect(error.remedy.contains(remedy))
        #expect(error.description == "\(error.cause); \(error.remedy)")
    }

    @Test("no room in the kernel is back-pressure: neither a failure nor a success", arguments: [ENOBUFS, EAGAIN])
    func backPressure(code: CInt) throws {
        #expect(throws: Never.self) { try KernelPort.check(code, length: 60, mtu: 1500, interface: "relink1") }
    }

    @Test(
        "the kernel's answers to a frame are told apart",
        arguments: [
            (ENETDOWN, .interfaceDown(interface: "relink1")), (ENXIO, .interfaceGone(interface: "relink1")),
            (ENODEV, .interfaceGone(interface: "relink1")),
            (EMSGSIZE, .frameTooLong(interface: "relink1", length: 60, mtu: 1500)),
            (EPERM, .permissionDenied(action: "send on relink1")),
            (EIO, .refused(action: "send 60 octets on relink1", code: EIO)),
        ] as [(CInt, RadioError)])
    func sendErrors(code: CInt, error: RadioError) {
        #expect(throws: error) { try KernelPort.check(code, length: 60, mtu: 1500, interface: "relink1") }
    }
}
