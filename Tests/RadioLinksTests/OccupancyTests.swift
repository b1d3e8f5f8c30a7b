import Foundation
import Testing

@testable import RadioLinks

@Suite("Who uses a radio")
struct OccupancyTests {
    private func process(_ identifier: Int32, _ arguments: String...) -> ProgramSurvey.Process {
        ProgramSurvey.Process(identifier: identifier, arguments: arguments)
    }

    static func interface(
        _ name: String = "wlan0", _ mode: InterfaceMode = .managed, up: Bool = false, powerSave: Bool? = nil,
        madeByRelink: Bool = false, programs: [RunningProgram] = []
    ) -> RadioInterface {
        RadioInterface(
            name: name, index: 3, mode: mode, up: up, address: "02:00:00:00:00:00", frequency: nil,
            powerSave: powerSave, madeByRelink: madeByRelink, programs: programs)
    }

    @Test("programs are known by their names, and use the interfaces that their command lines name")
    func survey() {
        let survey = ProgramSurvey(
            processes: [
                process(1, "/sbin/wpa_supplicant", "-B", "-i", "wlan0"), process(2, "hostapd", "-iwlan1", "ap.conf"),
                process(3, "dhcpcd: wlan0 [ip4]"), process(4, "/usr/sbin/NetworkManager", "--no-daemon"),
                process(5, "vim", "wlan0"), process(6, "dhclient", "eth0"), process(7, "/usr/libexec/iwd"),
                process(8, "wpa_supplicant", "--interface=wlan10"), process(9),
            ], interfaces: ["wlan0", "wlan1"])
        #expect(survey.users["wlan0"]?.map(\.process) == [1, 3])
        #expect(survey.users["wlan0"]?.map(\.name) == ["wpa_supplicant", "dhcpcd"])
        #expect(survey.users["wlan1"]?.map(\.process) == [2])
        #expect(survey.managers.map(\.name) == ["NetworkManager", "iwd", "wpa_supplicant"])
    }

    @Test("/proc, /sys and /run are read, and other network namespaces left out")
    func files() throws {
        let root = FileManager.default.temporaryDirectory.path + "/relink-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        func write(_ path: String, _ text: String) throws {
            let folder = (root + path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try text.write(toFile: root + path, atomically: false, encoding: .utf8)
        }
        func link(_ path: String, to target: String) throws {
            let folder = (root + path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: root + path, withDestinationPath: target)
        }
        try link("/proc/self/ns/net", to: "net:[1]")
        try link("/proc/20/ns/net", to: "net:[1]")
        try link("/proc/21/ns/net", to: "net:[2]")
        try write("/proc/20/cmdline", "wpa_supplicant\0-i\0wlan0\0")
        try write("/proc/21/cmdline", "wpa_supplicant\0-i\0wlan0\0")
        try write("/proc/22/cmdline", "/usr/sbin/NetworkManager\0")
        try write("/proc/self/status", "Name:\tx\nCapEff:\t0000000000001000\n")
        try write("/run/NetworkManager/devices/4", "[device]\nmanaged=true\n")
        try write("/run/NetworkManager/devices/5", "[device]\nmanaged=false\n")
        try write("/sys/class/ieee80211/phy0/rfkill3/soft", "1\n")
        try write("/sys/class/ieee80211/phy0/rfkill3/hard", "0\n")
        try link("/sys/class/ieee80211/phy0/device/driver", to: "../../bus/platform/drivers/mac80211_hwsim")
        let files = SystemFiles(root: root)
        let survey = ProgramSurvey(interfaces: [3: "wlan0", 4: "wlan1", 5: "wlan2"], files: files)
        #expect(survey.users["wlan0"]?.map(\.process) == [20])
        #expect(survey.users["wlan1"]?.map(\.name) == ["NetworkManager"])
        #expect(survey.users["wlan2"] == nil)
        #expect(files.driver(ofWiphy: "phy0") == "mac80211_hwsim")
        #expect(files.rfkill(ofWiphy: "phy0") == .offBySoftware)
        #expect(files.rfkill(ofWiphy: "phy1") == .on)
        #expect(files.missingCapabilities() == ["CAP_NET_RAW"])
    }

    @Test("the agent yields to what keeps the kernel from setting a channel, a check to all that it could disturb")
    func holders() {
        let program = RunningProgram(name: "wpa_supplicant", process: 9)
        let interfaces = [
            Self.interface("idle"), Self.interface("station", up: true), Self.interface("mon0", .monitor, up: true),
            Self.interface("named", programs: [program]),
        ]
        #expect(RadioOccupancy.holders(among: interfaces, by: .channel).map(\.name) == ["station"])
        #expect(
            RadioOccupancy.holders(among: interfaces, by: .disturbance).map(\.name) == ["station", "mon0", "named"])
    }

    @Test("the remedy names the program to stop and the interface to let go of")
    func remedy() {
        let program = RunningProgram(name: "wpa_supplicant", process: 9)
        let held = RadioError.radioHeld(wiphy: "phy0", holders: [Self.interface(up: true, programs: [program])])
        #expect(held.cause == "phy0 is in use: wlan0 (managed, up) by wpa_supplicant (process 9)")
        #expect(held.remedy.contains("kill 9"))
        #expect(held.remedy.contains("ip link set wlan0 down"))
        let agent = RadioError.radioHeld(
            wiphy: "phy0", holders: [Self.interface("relink1", .monitor, up: true, madeByRelink: true)])
        #expect(agent.remedy.contains("iw dev relink1 del"))
        let manager = RunningProgram(name: "NetworkManager", process: 8)
        let managed = RadioError.radioHeld(wiphy: "phy0", holders: [Self.interface(programs: [manager])])
        #expect(managed.remedy == "tell NetworkManager (nmcli device set wlan0 managed no)")
    }

    @Test("warnings: no echo on a plain monitor, power save, and managers that may take the radio")
    func warnings() {
        var silent = WayReport(way: .plain, frequency: 2412, frequencyReadBack: 2412)
        silent.injected = 1
        let manager = RunningProgram(name: "NetworkManager", process: 8)
        let told = RadioProblem.warnings(
            wiphy: "phy0", way: .plain, ways: [silent], interfaces: [Self.interface(powerSave: true)],
            managers: [manager])
        #expect(told.map(\.name) == ["noEcho", "powerSave", "manager"])
        silent.echoes = 1
        let calm = RadioProblem.warnings(
            wiphy: "phy0", way: .plain, ways: [silent], interfaces: [Self.interface(powerSave: false)],
            managers: [])
        #expect(calm.isEmpty)
    }
}
