"""The medium of a scenario that wants one: `relink-medium`, started, commanded, ended."""

import json
import selectors
import subprocess
import time
from typing import Any, Self

from . import config
from .air import FREQUENCIES, Air
from .waiting import Timeout

LIMIT = 20


class MediumError(RuntimeError):
    """The medium does not do what it is told."""


class Medium:
    """The air between the radios while the `with` block runs. Its capture is `medium.pcap`, its messages are in `medium.log`."""

    def __init__(self, program: str, air: Air, folder: str, seed: int, settings: list[dict[str, Any]]) -> None:
        self.program, self.air, self.path, self.seed, self.settings = program, air, f"{folder}/medium", seed, settings
        self.process: subprocess.Popen[bytes] | None = None
        self.counters: dict[str, Any] | None = None

    def script(self) -> dict[str, Any]:
        """What it is told before it starts. Radios with a plain monitor acknowledge nothing."""
        radios = [{"name": node, "link": link, "hwsim": self.air.permanent_address(node, link),
                   "address": config.link_address(node, link), "acknowledges": self.air.acknowledgment == "mac"}
                  for node, link in self.air.radios]
        links = [{"id": link, "frequency": FREQUENCIES[link]} for link in sorted({link for _, link in self.air.radios})]
        return {"links": links, "radios": radios, "settings": self.settings}

    def __enter__(self) -> Self:
        with open(self.path + ".json", "w") as file:
            json.dump(self.script(), file, indent=1)
        with open(self.path + ".log", "wb") as log:
            self.process = subprocess.Popen(
                [self.program, self.path + ".json", "--seed", str(self.seed), "--capture", self.path + ".pcap"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        try:
            self._answer()
        except BaseException:
            self.__exit__()
            raise
        return self

    def set(self, link: int | None = None, sender: str | None = None, receiver: str | None = None, **settings: Any) -> None:
        """Changes settings at once: of a link or of all, of what one radio sends to another or of everything."""
        selected = {"link": link, "from": sender, "to": receiver}
        self._command({"set": {key: value for key, value in selected.items() if value is not None} | settings})

    def report(self) -> dict[str, Any]:
        """What it has counted up to now."""
        counters: dict[str, Any] = self._command({"report": True})["counters"]
        return counters

    def _command(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self.process is not None and self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()
        answer = self._answer()
        if not answer.get("done"):
            raise MediumError(f"the medium refuses {command}: {answer}")
        return answer

    def _answer(self) -> dict[str, Any]:
        """One line of its output. There is never more than one that was not read."""
        assert self.process is not None and self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            end = time.monotonic() + LIMIT
            while (left := end - time.monotonic()) > 0:
                if selector.select(left):
                    line = self.process.stdout.readline()
                    if not line:
                        with open(self.path + ".log", errors="replace") as file:
                            raise MediumError(f"the medium ended: {file.read().strip()[-500:]}")
                    answer: dict[str, Any] = json.loads(line)
                    return answer
        raise Timeout(f"after {LIMIT} s the medium has not answered")

    def __exit__(self, *_: object) -> None:
        """Ends it; its last line is what it counted."""
        assert self.process is not None and self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(LIMIT)
            last = self.process.stdout.read().splitlines()[-1:]
            self.counters = json.loads(last[0])["counters"] if last else None
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
