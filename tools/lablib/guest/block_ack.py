"""The scenario `block-ack`: no agents, but mac80211's own Block Ack dialogue between an access point and a station."""

import os
import subprocess
import sys

from . import config
from .air import CHANNELS, FREQUENCIES, run
from .scenarios import scenario
from .waiting import wait_until

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


@scenario("block-ack", "no agents, hostapd and wpa_supplicant: the kernel's own ADDBA Requests, ADDBA Responses and DELBA", 120)
def block_ack(stage):
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


def ping(program, address):
    """What ping says of ten requests."""
    return run(*program.inside("busybox", "ping", "-c", "10", "-i", "0.1", address))


class Program:
    """One program that holds the interface of a radio."""

    def __init__(self, stage, node, name, configuration):
        self.stage, self.node, self.name, self.process = stage, node, name, None
        self.radio = stage.air.radios[node, LINK]
        self.interface = run(*self.inside("ls", f"/sys/class/ieee80211/{self.radio}/device/net")).split()[0]
        self.path = f"{stage.folder}/{name}"
        with open(self.path + ".conf", "w") as file:
            file.write(configuration.format(interface=self.interface, ssid=SSID, channel=CHANNELS[LINK],
                                            frequency=FREQUENCIES[LINK]))

    def inside(self, *command):
        return self.stage.air.inside(self.node, *command)

    def start(self):
        arguments = {"hostapd": [self.path + ".conf"],
                     "wpa_supplicant": ["-D", "nl80211", "-i", self.interface, "-c", self.path + ".conf"]}[self.name]
        with open(self.path + ".txt", "wb") as file:
            self.process = subprocess.Popen(self.inside(self.name, *arguments), stdin=subprocess.DEVNULL, stdout=file, stderr=file)

    def address(self):
        """The MAC address."""
        return run(*self.inside("cat", f"/sys/class/net/{self.interface}/address")).strip()

    def wait_for(self, words):
        """Waits until `iw` says so of the interface, and the interface is up."""
        wait_until(lambda: words in run(*self.inside("iw", "dev", self.interface, "info"))
                   and "UP" in run(*self.inside("ip", "link", "show", self.interface)), 20, f"{self.name}: {words}")

    def request_block_ack(self, receiver, tid):
        """Sends a BlockAckReq (compressed, from sequence number 0 on) with this program's address; the kernel sends none itself."""
        addresses = "".join(address.replace(":", "") for address in (receiver, self.address()))
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inject.py")
        run(*self.inside("iw", "phy", self.radio, "interface", "add", MONITOR, "type", "monitor"))
        try:
            run(*self.inside("ip", "link", "set", MONITOR, "up"))
            run(*self.inside(sys.executable, "-S", "-E", "-B", script, MONITOR, f"84000000{addresses}04{tid << 4:02x}0000"))
        finally:
            run(*self.inside("iw", "dev", MONITOR, "del"))

    def end(self):
        """Ends the program and takes back what was set."""
        if not self.process:
            return
        run(*self.inside("ip", "address", "flush", "dev", self.interface))
        run(*self.inside("ip", "neigh", "flush", "dev", self.interface))
        self.stage.act(f"stop-{self.name}", f"{self.name} is told to end", self._terminate)

    def _terminate(self):
        self.process.terminate()
        return self.process.wait(20)
