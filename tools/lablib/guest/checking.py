"""Runs relink's commands on the radios of a node, and keeps what they printed."""

import json
import os
import re
import subprocess
from typing import Any

from . import config
from .air import run
from .stage import Stage

# Name of the interface that a check makes.
INTERFACE = "relinkcheck"


class Bench:
    """Runs relink in a node's namespace and keeps what it said."""

    def __init__(self, stage: Stage, node: str = config.INITIATOR) -> None:
        self.stage = stage
        self.runs: dict[str, dict[str, Any]] = {}
        self.node = node
        self.radio = stage.air.radios[self.node, 1]
        self.relink = stage.agents[node].relink
        self.folder = os.path.dirname(stage.agents[node].path)

    def inside(self, *command: str) -> list[str]:
        return self.stage.air.inside(self.node, *command)

    def snapshot(self) -> list[str]:
        return self.stage.air.snapshot(self.node)

    def settled(self) -> list[str]:
        return self.stage.air.settled(self.node)

    def names(self) -> str:
        """The names of the interfaces."""
        return run("ip", "-n", self.stage.air.namespace(self.node), "-o", "link")

    def interface(self) -> str:
        """The interface that the radio came with."""
        return run(*self.inside("ls", f"/sys/class/ieee80211/{self.radio}/device/net")).split()[0]

    def toml(self, acknowledgment: str | None = None, anchor: str = "auto") -> str:
        """The node's configuration, with this kind of acknowledgment and of anchor on every link, or as it is."""
        with open(self.stage.agents[self.node].path + ".toml") as file:
            text = file.read()
        if acknowledgment is None:
            return self.stage.agents[self.node].path + ".toml"
        path = f"{self.folder}/{acknowledgment}-{anchor}.toml"
        with open(path, "w") as file:
            lines = f'acknowledgment = "{acknowledgment}"' + (f'\nanchor = "{anchor}"' if anchor != "auto" else "")
            file.write(re.sub(r'acknowledgment = "\w+"', lines, text))
        return path

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.inside(self.relink, *arguments), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def check(self, name: str, what: str, *arguments: str) -> None:
        """One `relink check --json`."""
        self.note(name, what, "check", *arguments)

    def note(self, name: str, what: str, *arguments: str, user: int | None = None) -> None:
        """One relink command that prints JSON: its status, what it printed, and whether it left an interface behind."""
        as_user = f"import os, sys; os.setuid({user}); os.execv(sys.argv[1], sys.argv[1:])"
        command = self.inside(*(["python3", "-S", "-E", "-c", as_user] if user else []), self.relink, *arguments, "--json")

        def play() -> None:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            printed = json.loads(done.stdout) if done.stdout.strip() else None
            self.runs[name] = {"status": done.returncode, "printed": printed, "error": done.stderr,
                               "left": INTERFACE in self.names()}

        self.stage.act("relink", what, play)
        # The output for people is kept with the evidence.
        people = [word for word in command if word != "--json"]
        with open(f"{self.folder}/check.txt", "a") as file:
            file.write(f"--- {name}: relink {' '.join(arguments)}\n{json.dumps(self.runs[name]['printed'])}\n{self.runs[name]['error']}")
        if name in ("every radio", "links"):
            done = subprocess.run(people, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            with open(f"{self.folder}/check.txt", "a") as file:
                file.write(done.stdout)
