"""The traffic programs (programs/*.c, and others that are installed) in the nodes' namespaces."""

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from .stage import Stage


def python(name: str) -> list[str]:
    """The command line of a script of this folder."""
    return [sys.executable, "-S", "-E", "-B", os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")]


class Program:
    """A program that runs in a node's namespace while the `with` block does; it must end with status 0."""

    def __init__(self, stage: "Stage", node: str | None, name: str, *arguments: object) -> None:
        """`name` is that of a traffic program, or of one on the search path; `node` is `None` for one in nobody's namespace."""
        self.name, self.record = name, stage.record
        command = [stage.options["programs"].get(name, name), *map(str, arguments)]
        self.process = subprocess.Popen(
            stage.air.inside(node, *command) if node else command,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for_line(self) -> str:
        """Waits until it says something."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self) -> str:
        """Ends it; returns what it printed last."""
        self.process.terminate()
        return self.wait()

    def wait(self, seconds: float = 60) -> str:
        """Waits for its end; returns what it printed last."""
        text, error = self.process.communicate(timeout=seconds)
        self.record["exits"].append({"name": f"stop-{self.name}", "status": self.process.returncode})
        if self.process.returncode != 0:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {(error or text).strip()[-500:]}")
        return text

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdout is not None and self.process.stderr is not None
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def answer(stage: "Stage", node: str | None, name: str, *arguments: object, seconds: float = 60) -> dict[str, Any]:
    """Runs a program to its end; returns the JSON object that it prints."""
    with Program(stage, node, name, *arguments) as program:
        printed: dict[str, Any] = json.loads(program.wait(seconds))
    return printed
