"""Guests that the lab boots: a program with a kernel in it, whose console is its standard output, and which never outlives its caller."""

import contextlib
import os
import re
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping

from .paths import LabError

OUTPUT_LIMIT = 4 << 20
# The kernel prints these however quiet it is.
POWERED_OFF = re.compile(r"(\[ *[0-9.]+\] )?reboot: (Power down|System halted)")

OnLine = Callable[[str], None]
# The guests that run now, by the process that leads each one's group.
RUNNING: set[int] = set()
# Set when all of them were ended: no other one starts.
ENDED = threading.Event()


def end_all() -> None:
    """Ends all guests: whoever waits for one gets a LabError."""
    ENDED.set()
    for leader in list(RUNNING):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)


def boot(arguments: list[str], seconds: float, on_line: OnLine, environment: Mapping[str, str] | None = None, folder: str | None = None) -> None:
    """Runs a guest and passes each line that it prints to `on_line` until it ends, but for what its kernel says when it powers off.

    It runs in `folder`. Raises LabError when it does not end within `seconds` or prints too much; it is ended in any case, with all that
    it started."""
    # A guest is a group of processes of its own: Ctrl-C reaches the lab alone, which then ends the guest.
    command = ["setpriv", "--pdeathsig", "KILL", *arguments]
    guest = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, cwd=folder,
                             env={**os.environ, **(environment or {})})
    assert guest.stdout is not None
    RUNNING.add(guest.pid)
    try:
        if ENDED.is_set():
            raise LabError("the lab was ended")
        end = time.monotonic() + seconds
        rest = read_lines(guest.stdout.fileno(), end, on_line, f"the guest did not end within {seconds:.0f} s")
        if guest.wait(max(1.0, end - time.monotonic())) != 0:
            raise LabError(f"the guest ended with status {guest.returncode}: {rest}")
    except subprocess.TimeoutExpired:
        raise LabError("the guest closed its output but did not end") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(guest.pid, signal.SIGKILL)
        RUNNING.discard(guest.pid)
        guest.wait()
        guest.stdout.close()


def read_lines(descriptor: int, end: float, on_line: OnLine, too_late: str) -> str:
    """Passes on lines until the other end is closed; returns what came after the last one."""
    rest, printed = b"", 0
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise LabError(too_late)
            if not selector.select(left):
                continue
            chunk = os.read(descriptor, 65536)
            if not chunk:
                return rest.decode(errors="replace")
            printed += len(chunk)
            if printed > OUTPUT_LIMIT:
                raise LabError(f"the guest printed more than {OUTPUT_LIMIT} bytes")
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                text = line.decode(errors="replace").rstrip("\r")
                if not POWERED_OFF.fullmatch(text):
                    on_line(text)
