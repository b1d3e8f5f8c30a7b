"""The witness: a capture of hwsim0, where the kernel shows every frame and every ACK of all radios."""

import os
import signal
import subprocess
from collections.abc import Callable
from typing import Self

from .air import Air
from .waiting import Timeout, wait_until


class Witness:
    """Captures while the `with` block runs; nothing is lost at either end."""

    def __init__(self, path: str, heard: str = "", is_patient: bool = False, interface: str = "hwsim0", namespace: str | None = None,
                 kept: int = 4096) -> None:
        """`heard` is a filter (pcap-filter(7)) for scenarios in which the whole air is too much. One that is patient writes when nobody else
        wants to run, and takes no time from what is measured. Another interface can be in another namespace. `kept`: octets of each frame."""
        self.path, self.heard, self.is_patient, self.interface = path, heard, is_patient, interface
        self.inside = ["ip", "netns", "exec", namespace] if namespace else []
        self.kept = kept
        self.notes = path + ".log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # Nanoseconds, so that frames can be put in order with events; -Z, because there may be no user tcpdump. Each place in the buffer
        # is as long as the longest frame that is kept: no frame of a radio has 4096 bytes.
        with open(self.notes, "wb") as notes:
            self.process = subprocess.Popen(
                [*self.inside, "tcpdump", "-i", self.interface, "-s", str(self.kept), "-B", "8192", "-U", "-n", "--immediate-mode", "-Z", "root",
                 "--time-stamp-precision=nano", "-w", self.path, *self.heard.split()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=notes)
        try:
            wait_until(self._is_ready, 20, f"tcpdump listens on {self.interface}")
            if self.is_patient:
                os.sched_setscheduler(self.process.pid, os.SCHED_IDLE, os.sched_param(0))
        except BaseException:
            self.__exit__()
            raise
        return self

    def _is_ready(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise Timeout(f"tcpdump ended: {self._text()}")
        return "listening on" in self._text() and os.path.exists(self.path)

    def _text(self) -> str:
        with open(self.notes, errors="replace") as file:
            return file.read()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def dropped(self) -> int | None:
        """How many frames the kernel had no room for; `None` when tcpdump did not say."""
        for line in self._text().splitlines():
            if "dropped by kernel" in line:
                return int(line.split()[0])
        return None


class Nobody:
    """No witness: for scenarios that measure how fast the air is, which is copied for nobody then."""

    def __init__(self, air: Air) -> None:
        self.air = air

    def __enter__(self) -> Self:
        self.air.listen(False)
        return self

    def __exit__(self, *_: object) -> None:
        self.air.listen(True)

    @staticmethod
    def dropped() -> int:
        """Nothing was heard, so nothing was missed."""
        return 0


# Makes what listens to a scenario, from its filter (`None`: nothing listens), the path of the capture, and whether it is patient.
MakeWitness = Callable[[str | None, str, bool], Witness | Nobody]
