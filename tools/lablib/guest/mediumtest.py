"""The scenario `medium`: no agents, but monitors that send frames to each other, to see that the medium does to them what it is told."""

import json
import os
import subprocess
import sys
import time

from . import config
from .air import FREQUENCIES, run
from .scenarios import scenario

A, B = config.INITIATOR, config.RECEIVER
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "air_probe.py")
LINK = 1
INTERFACE = "probe0"
COUNT = 40
# A frame of 96 octets, its check sequence and its acknowledgment: 114 octets, which take 5 ms.
SLOW = 182_400
DELAY = 100_000
# More than hwsim lets wait.
MANY = 600
OVERFLOW = "too many"
# Enough for all of them to wait.
BUFFER = 8 << 20
WELL = {"cut": False, "loss": 0, "acknowledgmentLoss": 0, "delayMicroseconds": 0}
# Name, what it is, settings for single directions and for the link, and how many frames at what distance in ms.
PHASES = (
    ("well", "all is well", (), {}, COUNT, 2),
    ("frames lost", "frames from a to b get lost", ((A, B, {"loss": 1}),), {}, COUNT, 2),
    ("acknowledgments lost", "acknowledgments from b to a get lost", ((B, A, {"acknowledgmentLoss": 1}),), {}, COUNT, 2),
    ("retried", "the same, and every frame is tried three times", ((B, A, {"acknowledgmentLoss": 1}),), {"retries": 2}, COUNT, 2),
    ("cut back", "nothing gets from b to a", ((B, A, {"cut": True}),), {}, COUNT, 2),
    ("a tenth", "a tenth of each gets lost", ((A, B, {"loss": 0.1}), (B, A, {"acknowledgmentLoss": 0.1})), {}, 400, 2),
    ("slow", "every frame takes 5 ms", (), {"bitsPerSecond": SLOW}, COUNT, 0),
    ("held back", "the same, and more frames than the socket lets wait", (), {"bitsPerSecond": SLOW}, MANY, 0),
    (OVERFLOW, "the same, and more frames than hwsim lets wait", (), {"bitsPerSecond": SLOW}, MANY, 0),
    ("delayed", "frames arrive 100 ms late", ((A, B, {"delayMicroseconds": DELAY}),), {}, COUNT, 2),
    ("well again", "all is well again", (), {}, COUNT, 2),
)


@scenario("medium", "no agents, monitors that send frames to each other: the medium does to them what it is told", 120, medium=[])
def medium(stage):
    for node in (A, B):
        make_monitor(stage, node)
    phases = {}
    try:
        for name, what, directions, link, count, gap in PHASES:
            stage.medium.set(LINK, **WELL)
            stage.medium.set(LINK, **({"bitsPerSecond": 0, "retries": 0} | link))
            for origin, target, settings in directions:
                stage.medium.set(LINK, origin, target, **settings)
            before = stage.medium.report()
            listener = start(stage, B, "listen", INTERFACE, config.link_address(A, LINK))
            listener.stdout.readline()
            status = stage.act("send", what, lambda: None)
            sender = start(stage, A, "send", INTERFACE, config.link_address(B, LINK), config.link_address(A, LINK), str(count), str(gap),
                           str(BUFFER if name == OVERFLOW else 0))
            told = json.loads(sender.communicate(timeout=60)[0])
            # What was sent last is on its way.
            time.sleep(0.2)
            listener.terminate()
            arrivals = json.loads(listener.communicate(timeout=20)[0])
            phases[name] = told | {"count": count, "arrivals": arrivals, "at": status, "before": before, "after": stage.medium.report()}
            stage.act("stop", f"{len(arrivals)} arrived", lambda: sender.returncode | listener.returncode)
    finally:
        for node in (A, B):
            run(*stage.air.inside(node, "iw", "dev", INTERFACE, "del"))
    stage.note("phases", phases)


def start(stage, node, *arguments):
    """The probe in a node's namespace."""
    return subprocess.Popen(stage.air.inside(node, sys.executable, "-S", "-E", "-B", SCRIPT, *arguments),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


def make_monitor(stage, node):
    """A monitor on link 1's channel as an agent has it."""
    active = ["flags", "active"] if stage.air.acknowledgment == "mac" else []
    run(*stage.air.inside(node, "iw", "phy", stage.air.radios[node, LINK], "interface", "add", INTERFACE, "type", "monitor", *active))
    namespace = stage.air.namespace(node)
    run("ip", "-n", namespace, "link", "set", INTERFACE, "address", config.link_address(node, LINK))
    run("ip", "-n", namespace, "link", "set", INTERFACE, "up")
    run(*stage.air.inside(node, "iw", "dev", INTERFACE, "set", "freq", str(FREQUENCIES[LINK])))
