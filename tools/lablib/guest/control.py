"""An agent's control socket, as docs and `relink` speak it: JSON, one line for each request and each message."""

import contextlib
import json
import socket
from typing import Any

LIMIT = 20
# An event that an agent reports.
Event = dict[str, Any]


class ControlError(RuntimeError):
    """An agent does not answer as the protocol says."""


class Control:
    """One connection. The first line is the agent's greeting."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(LIMIT)
        self.rest, self.is_open = b"", True
        self.socket.connect(path)

    def send(self, **request: Any) -> None:
        """Sends a request."""
        self.socket.sendall(json.dumps(request).encode() + b"\n")

    def receive(self) -> list[dict[str, Any]]:
        """The messages that have come, each an object with one key; an empty list when the agent has closed the connection."""
        while self.is_open:
            chunk = self.socket.recv(1 << 16)
            self.is_open = bool(chunk)
            *lines, self.rest = (self.rest + chunk).split(b"\n")
            if lines:
                return [json.loads(line) for line in lines if line]
        return []

    def events(self) -> list[Event]:
        """The events that have come by now, without waiting."""
        self.socket.settimeout(0)
        found: list[Event] = []
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while messages := self.receive():
                found += [message["event"] for message in messages if "event" in message]
        return found

    def close(self) -> None:
        """Ends the connection."""
        self.socket.close()


def ask(path: str, **request: Any) -> dict[str, Any]:
    """The answer to a request: the status. Raises ControlError when the agent refuses or says something else."""
    connection = Control(path)
    try:
        connection.send(**request)
        while messages := connection.receive():
            for message in messages:
                if "status" in message:
                    status: dict[str, Any] = message["status"]
                    return status
                if "greeting" not in message:
                    raise ControlError(f"{path}: {message}")
        raise ControlError(f"{path}: the agent closed the connection")
    finally:
        connection.close()
