"""The `relink run` processes and the `relink events` processes that follow them."""

import json
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable
from typing import Any

from . import config
from .air import Air
from .control import Control, Event, ask
from .waiting import Timeout, wait_until

# More often no agent of a run is started.
STARTS = 1000


class Agent:
    """One agent of one scenario; it can be ended and started again."""

    def __init__(self, node: str, cast: config.Cast, air: Air, folder: str, relink: str, records: bool = False, key_file: str | None = None,
                 seed: int | None = None) -> None:
        self.node, self.air, self.relink, self.records, self.key_file, self.seed = node, air, relink, records, key_file, seed
        self.control = f"/run/relink-lab/{node}.sock"
        self.path = f"{folder}/{node}"
        self.process: subprocess.Popen[bytes] | None = None
        self.follower: Control | None = None
        self.events: list[Event] = []
        self.recordings = self.starts = 0
        # Where its standard error goes, if not to its .log file.
        self.stderr: int | None = None
        os.makedirs("/run/relink-lab", exist_ok=True)
        wiphys = {link: phy for (owner, link), phy in air.radios.items() if owner == node}
        with open(self.path + ".toml", "w") as file:
            file.write(config.toml(node, cast, wiphys, air.acknowledgment, self.control, key_file, channels=air.link_channels,
                                   addresses=air.addresses, anchor=air.anchor))

    def configure(self, text: str) -> None:
        """Adds sections to the configuration; before the start."""
        with open(self.path + ".toml", "a") as file:
            file.write("\n" + text + "\n")

    def launch(self) -> None:
        """Starts the agent."""
        self.starts += 1
        with open(self.path + ".log", "ab") as log:
            self.process = subprocess.Popen(
                self.air.inside(self.node, self.relink, "run", self.path + ".toml", *self._recording(), *self._seeded()),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log if self.stderr is None else self.stderr)

    def start(self, seconds: float = 30) -> None:
        """Starts the agent, waits until it listens, and follows its events from the first one on."""
        self.launch()
        wait_until(self._listens, seconds, f"agent {self.node} listens on its control socket")
        self.follower = Control(self.control)
        self.follower.send(request="events", all=True)

    def _seeded(self) -> list[str]:
        """Arguments that make the agent draw its random numbers from the run's seed: others with each start."""
        return [] if self.seed is None else ["--lab-seed", str(self.seed * STARTS + self.starts)]

    def _recording(self) -> list[str]:
        """What makes the agent record: to a.pcapng, and to a-2.pcapng when it is started again. With a key, all that replaying
        takes, and the secrets beside it in a.keys."""
        if not self.records:
            return []
        self.recordings += 1
        number = f"-{self.recordings}" if self.recordings > 1 else ""
        protected = ["--record-whole", "--record-secrets", f"{self.path}{number}.keys"] if self.key_file else []
        return ["--record", f"{self.path}{number}.pcapng", "--record-size", "16", "--record-files", "2", *protected]

    @property
    def running(self) -> subprocess.Popen[bytes]:
        """Its process, which was started."""
        if self.process is None:
            raise RuntimeError(f"agent {self.node} was not started")
        return self.process

    def _listens(self) -> bool:
        if self.running.poll() is not None:
            raise Timeout(f"agent {self.node} ended with {self.running.returncode} at its start; see {self.node}.log")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(self.control) == 0

    def read_events(self) -> list[Event]:
        """Takes in the events that have come; returns them. Keeps every one in the .events.jsonl file."""
        new = self.follower.events() if self.follower else []
        if new:
            with open(self.path + ".events.jsonl", "a") as file:
                file.writelines(json.dumps(event) + "\n" for event in new)
            self.events += new
        return new

    def stop(self, with_signal: signal.Signals = signal.SIGTERM, seconds: float = 15) -> int:
        """Ends the agent as a user would; returns its exit status."""
        process = self.running
        process.send_signal(with_signal)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Timeout(f"agent {self.node} did not end within {seconds} s of {with_signal.name}") from None
        finally:
            self._stop_following()
        return process.returncode

    def _stop_following(self) -> None:
        """The agent is gone; what it still reported is kept."""
        if self.follower:
            self.read_events()
            self.follower.close()
            self.follower = None

    def clear(self) -> None:
        """Ends what still runs, whatever state it is in."""
        if self.process and self.process.poll() is None:
            try:
                self.stop()
            except Timeout:
                pass
        self._stop_following()

    def status(self) -> dict[str, Any]:
        """Its status, which is kept in the .status.json file, too."""
        status = ask(self.control, request="status")
        with open(self.path + ".status.json", "w") as file:
            json.dump(status, file)
        return status

    def threads(self) -> list[int]:
        """The numbers of its threads."""
        return [int(name) for name in os.listdir(f"/proc/{self.running.pid}/task")]

    def usage(self) -> dict[str, int]:
        """Processor time in nanoseconds, how often its first thread waited and went on (those that write files do so only after it), and resident
        memory in KiB: all of it, and what is no page of a file, which is what an agent can grow by."""
        base = f"/proc/{self.running.pid}"
        ran = 0
        for thread in self.threads():
            with open(f"{base}/task/{thread}/schedstat") as file:
                ran += int(file.read().split()[0])
        with open(f"{base}/status") as file:
            values = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in file)
                      if name in ("VmRSS", "RssAnon", "voluntary_ctxt_switches")}
        return {"processorNanoseconds": ran, "wakeups": values["voluntary_ctxt_switches"], "residentKiB": values["VmRSS"],
                "anonymousKiB": values["RssAnon"]}


def wait_for_event(agents: Iterable[Agent], agent: Agent, kinds: tuple[str, ...], since: int, seconds: float, what: str | None = None,
                   on_event: Callable[[str, Event], None] | None = None, **fields: Any) -> Event:
    """Waits until `agent` tells one of `kinds` not before `since` (monotonic ns) with the given fields; returns that event."""

    def find() -> Event | None:
        for event in agent.events:
            if (event["event"] in kinds and event["monotonicNanoseconds"] >= since
                    and all(event.get(key) == value for key, value in fields.items())):
                return event
        return None

    end = time.monotonic() + seconds
    while not (event := find()):
        left = end - time.monotonic()
        if left <= 0:
            seen = ", ".join(event["event"] for event in agent.events[-8:]) or "nothing"
            raise Timeout(f"after {seconds} s agent {agent.node} still had not told: "
                          f"{what or ' or '.join(kinds)} {fields or ''} (last told: {seen})")
        _wait_for_any(agents, left)
        for each in agents:
            for new in each.read_events():
                if on_event:
                    on_event(each.node, new)
    return event


def _wait_for_any(agents: Iterable[Agent], seconds: float) -> None:
    with selectors.DefaultSelector() as selector:
        for agent in agents:
            if agent.follower and agent.follower.is_open:
                selector.register(agent.follower.socket, selectors.EVENT_READ)
        if selector.get_map():
            selector.select(min(seconds, 1))
        else:
            time.sleep(0.02)
