"""No agents, but mac80211's own Block Ack dialogue between an access point and a station."""

import subprocess

from ..checked import Check
from ..evidence import ADDBA_REQUEST, ADDBA_RESPONSE, BLOCK_ACK, BLOCK_ACK_REQUEST, DELBA, Evidence
from ..guest import config
from ..guest.air import CHANNELS, FREQUENCIES, run
from ..guest.programs import python
from ..guest.stage import Stage
from ..guest.waiting import wait_until
from ..judging import FOREVER, Checks
from ..scenario import ACKNOWLEDGMENTS, scenario

SSID = "relink-lab"
LINK = 1
MONITOR = "asking"
# The TID of pings, and one for which there is no agreement.
AGREED, UNKNOWN = 0, 5
POINT, STATION = config.INITIATOR, config.RECEIVER
ADDRESSES = {POINT: "192.0.2.1", STATION: "192.0.2.2"}
HOSTAPD = """interface={interface}
driver=nl80211
ssid={ssid}
hw_mode=g
channel={channel}
ieee80211n=1
wmm_enabled=1
"""
WPA_SUPPLICANT = """network={{
    ssid="{ssid}"
    key_mgmt=NONE
    scan_freq={frequency}
}}
"""


@scenario("block-ack", "no agents, hostapd and wpa_supplicant: the kernel's own ADDBA Requests, ADDBA Responses and DELBA", 120,
          captured=("mac",), records=False, acknowledgments=ACKNOWLEDGMENTS)
def block_ack(stage: Stage) -> None:
    point, station = Program(stage, POINT, "hostapd", HOSTAPD), Program(stage, STATION, "wpa_supplicant", WPA_SUPPLICANT)
    try:
        stage.act("open", "hostapd opens a network without encryption, with HT", point.start)
        point.wait_for("type AP")
        stage.act("join", "wpa_supplicant joins it", station.start)
        wait_until(lambda: "Connected" in run(*station.inside("iw", "dev", station.interface, "link")), 30, "the station is associated")
        # The first frame would wait for an answer to ARP, so both are told.
        for program, peer in ((point, station), (station, point)):
            run(*program.inside("ip", "address", "add", f"{ADDRESSES[program.node]}/24", "dev", program.interface))
            run(*program.inside("ip", "neigh", "add", ADDRESSES[peer.node], "lladdr", peer.address(), "dev", program.interface))
        stage.note("addresses", {"point": point.address(), "station": station.address()})
        stage.act("ping", "the station pings the access point", lambda: stage.note("ping", ping(station, ADDRESSES[POINT])))
        for tid in (AGREED, UNKNOWN):
            stage.act("ask", f"a BlockAckReq for TID {tid} is sent as the station", station.request_block_ack, point.address(), tid)
        # That the kernel answers the second one, with a DELBA, comes after its arrival.
        stage.note("ping after", ping(station, ADDRESSES[POINT]))
    finally:
        for program in (station, point):
            program.end()


@block_ack.judge
def judge_block_ack(evidence: Evidence) -> Checks:
    """No agents: mac80211's own agreements, made and used; an agreement that is not there is deleted. Nothing in them is ours."""
    notes = evidence.record["notes"]
    nodes = notes["addresses"].values()
    seen = [(frame.action, frame.transmitter) for frame in evidence.session_frames(0, FOREVER)]
    yield Check("every ping was answered", " 0% packet loss" in notes["ping"], notes["ping"].splitlines()[-2] if notes["ping"] else "")
    for action, name in ((ADDBA_REQUEST, "ADDBA Request"), (ADDBA_RESPONSE, "ADDBA Response")):
        missing = [node for node in nodes if (action, node) not in seen]
        yield Check(f"on the air: {name} of both", not missing, ", ".join(missing))
    yield Check("on the air: two BlockAckReq, and DELBA of the access point for the one without an agreement",
                [frame.subtype for frame in evidence.frames].count(BLOCK_ACK_REQUEST) == 2 and
                (DELBA, notes["addresses"]["point"]) in seen)
    yield Check("no frame has a session element", not any(frame.element for frame in evidence.frames if frame.category == BLOCK_ACK))


def ping(program: "Program", address: str) -> str:
    """What ping says of ten requests."""
    return run(*program.inside("busybox", "ping", "-c", "10", "-i", "0.1", address))


class Program:
    """One program that holds the interface of a radio."""

    def __init__(self, stage: Stage, node: str, name: str, configuration: str) -> None:
        self.stage, self.node, self.name = stage, node, name
        self.process: subprocess.Popen[bytes] | None = None
        self.radio = stage.air.radios[node, LINK]
        self.interface = run(*self.inside("ls", f"/sys/class/ieee80211/{self.radio}/device/net")).split()[0]
        self.path = f"{stage.folder}/{name}"
        with open(self.path + ".conf", "w") as file:
            file.write(configuration.format(interface=self.interface, ssid=SSID, channel=CHANNELS[LINK],
                                            frequency=FREQUENCIES[LINK]))

    def inside(self, *command: str) -> list[str]:
        """The command line that runs `command` beside the program."""
        return self.stage.air.inside(self.node, *command)

    def start(self) -> None:
        arguments = {"hostapd": [self.path + ".conf"],
                     "wpa_supplicant": ["-D", "nl80211", "-i", self.interface, "-c", self.path + ".conf"]}[self.name]
        with open(self.path + ".txt", "wb") as file:
            self.process = subprocess.Popen(self.inside(self.name, *arguments), stdin=subprocess.DEVNULL, stdout=file, stderr=file)

    def address(self) -> str:
        """The MAC address."""
        return run(*self.inside("cat", f"/sys/class/net/{self.interface}/address")).strip()

    def wait_for(self, words: str) -> None:
        """Waits until `iw` says so of the interface, and the interface is up."""
        wait_until(lambda: words in run(*self.inside("iw", "dev", self.interface, "info"))
                   and "UP" in run(*self.inside("ip", "link", "show", self.interface)), 20, f"{self.name}: {words}")

    def request_block_ack(self, receiver: str, tid: int) -> None:
        """Sends a BlockAckReq (compressed, from sequence number 0 on) with this program's address; the kernel sends none itself."""
        addresses = "".join(address.replace(":", "") for address in (receiver, self.address()))
        run(*self.inside("iw", "phy", self.radio, "interface", "add", MONITOR, "type", "monitor"))
        try:
            run(*self.inside("ip", "link", "set", MONITOR, "up"))
            run(*self.inside(*python("inject"), MONITOR, f"84000000{addresses}04{tid << 4:02x}0000"))
        finally:
            run(*self.inside("iw", "dev", MONITOR, "del"))

    def end(self) -> None:
        """Ends the program and takes back what was set."""
        if self.process is None:
            return
        run(*self.inside("ip", "address", "flush", "dev", self.interface))
        run(*self.inside("ip", "neigh", "flush", "dev", self.interface))
        self.stage.act(f"stop-{self.name}", f"{self.name} is told to end", terminate, self.process)


def terminate(process: subprocess.Popen[bytes]) -> int:
    """Ends a program; returns its exit status."""
    process.terminate()
    return process.wait(20)
