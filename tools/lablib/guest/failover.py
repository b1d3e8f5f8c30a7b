"""The scenario `failover`: a stream of packets while the session's link goes deaf again and again. tools/bench measures it."""

import os
import random
import subprocess
import sys
import time

from . import config
from .scenarios import scenario
from .table import both_rebuilt
from .waiting import wait_until

A, B = config.INITIATOR, config.RECEIVER
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stream.py")
SIZE = 100


@scenario("failover", "a stream of packets goes on while the session's link goes deaf again and again (tools/bench failover)", 400)
def failover(stage):
    rate, losses = stage.options["rate"], stage.options["losses"] or 6
    luck = random.Random(stage.options["seed"])
    for agent in stage.agents.values():
        agent.configure(config.host_section(agent.node))
    stage.establish()
    path = f"{stage.folder}/arrivals.txt"
    with Program(stage, B, "receive", path) as receiver:
        receiver.wait_for_line()
        with Program(stage, A, "send", config.host_address(B), str(rate), str(SIZE)) as sender:
            sender.wait_for_line()
            time.sleep(1)
            cuts = []
            for number in range(losses):
                link = stage.session_link()
                # Not in step with heartbeats and packets.
                time.sleep(0.3 + luck.random() * 0.3)
                at = stage.act(f"loss {number}", f"link {link} goes deaf, its interfaces stay up", stage.air.deafen, A, link)
                both_rebuilt(stage, 3 - link, at)
                cuts.append(at)
                time.sleep(0.3)
                stage.air.hear(A, link)
                stage.alive(link)
            time.sleep(0.5)
            sent = int(sender.end())
        # What is on its way still arrives.
        wait_until(lambda: not any(session["queued"] for session in stage.initiator.status().get("sessions", [])), 10,
                   "nothing is queued at agent a")
        time.sleep(0.2)
        receiver.end()
    stage.note("stream", {"rate": rate, "size": SIZE, "sent": sent, "cuts": cuts})
    stage.note("status", {node: agent.status() for node, agent in stage.agents.items()})
    stage.note("usage", {node: agent.usage() for node, agent in stage.agents.items()})
    stage.finish()


class Program:
    """stream.py in a node's namespace."""

    def __init__(self, stage, node, *arguments):
        self.process = subprocess.Popen(
            stage.air.inside(node, sys.executable, "-S", "-E", "-B", SCRIPT, *arguments),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def wait_for_line(self):
        """Waits until it says something."""
        return self.process.stdout.readline()

    def end(self):
        """Ends it; returns what it printed last."""
        self.process.terminate()
        text = self.process.stdout.read()
        if self.process.wait(20) != 0:
            raise RuntimeError(f"stream.py ended with {self.process.returncode}")
        return text

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
