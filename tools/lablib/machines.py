"""The machines that runs are played on: the kernel as a program (User-mode Linux), Debian's kernel in QEMU, or this machine's own kernel."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from . import initramfs, kernel, qemu, traffic
from .guests import ENDED, boot, end_all
from .paths import LIBRARY, LabError
from .series import SERIES
from .uml import UML, memory_folder

BOOT_SECONDS = 90
# Time limit for the driver to end agents and to put everything back.
RESTORE_SECONDS = 120
# Virtual time does not pass while programs run, so what limits a run there is the host's own clock.
VIRTUAL_SECONDS = 900
# In MiB.
MEMORY = 1024
# Where a guest has the lab's own key.
GUEST_KEY = "/lab/relink.key"
# 2026-01-01, so that recordings of a run carry the same times, whenever it is played.
EPOCH_NANOSECONDS = 1767225600 * 10**9

OnLine = Callable[[str], None]


class Playable(Protocol):
    """A run, as far as a machine needs to know it."""

    @property
    def folder(self) -> str: ...
    @property
    def clock(self) -> str: ...
    @property
    def limit(self) -> float: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    fault: str

    def job(self, folder: str) -> dict[str, Any]: ...


R = TypeVar("R", bound=Playable)
# Called with a run when it has left its evidence.
Played = Callable[[R], None]


class Programs:
    """The programs of a guest, stripped, and the file system with them. Made once for all guests of a call, in a scratch folder."""

    def __init__(self, scratch: str, relink: str, tests: str | None, medium: str | None) -> None:
        self.scratch = scratch
        self.paths = {"relink": relink} | ({"tests": tests} if tests else {}) | ({"medium": medium} if medium else {})
        self.traffic = traffic.build(scratch)
        self.preload = traffic.build_preload(scratch)
        self.key = os.path.join(scratch, "relink.key")
        subprocess.run([relink, "key", "generate", "--lab", self.key], check=True, capture_output=True)
        self.inside: dict[str, str] = {}
        self.files: dict[str, str] = {}

    def strip(self) -> None:
        """Makes the guests' copies, and says where a guest has them."""
        for name, path in self.paths.items():
            self.inside[name] = "/usr/bin/relink" if name == "relink" else f"/usr/bin/relink-{name}"
            self.files[self.inside[name]] = os.path.join(self.scratch, name)
            subprocess.run(["strip", "-o", self.files[self.inside[name]], path], check=True)
        self.files[GUEST_KEY] = self.key
        for path in self.traffic.values():
            self.files["/usr/bin/" + os.path.basename(path)] = path

    def plan(self, runs: list[R], folder: Callable[[R], str], options: Mapping[str, Any], **about: Any) -> dict[str, Any]:
        """The plan for the driver of a guest."""
        traffic_programs = {name: "/usr/bin/" + os.path.basename(path) for name, path in self.traffic.items()}
        return {"tests": None, "medium": None, **options, **self.inside, "programs": traffic_programs, "work": "/tmp/lab", "guest": True,
                "key_file": GUEST_KEY, **about, "jobs": [run.job(folder(run)) for run in runs]}


class UMLMachine:
    """A kernel as a program: one boot for each run, as many at once as there are processors where time is virtual. With `cards` its
    radios are treated as if they were cards (guest/card_driver.py says what is in it)."""

    def __init__(self, series: str, cards: Mapping[str, Any] | None = None) -> None:
        self.kernel = UML(series)
        self.name = series
        self.cards = cards
        self.option = (f"{cards['option']} " if cards else "") + f"--kernels {series}"

    def play(self, runs: list[R], programs: Programs, options: Mapping[str, Any], on_line: OnLine, played: Played[R]) -> None:
        """Plays all runs, those in virtual time beside each other, those in real time one by one, with a processor for themselves."""
        if not programs.inside:
            programs.strip()
        file_system = os.path.join(programs.scratch, f"initramfs-{self.name}")
        if not os.path.exists(file_system):
            initramfs.build(self.kernel, file_system, programs.files, initramfs.UML_MOUNT)
        processors = sorted(os.sched_getaffinity(0))
        memory = memory_folder(MEMORY << 20)
        on_line("@lab " + json.dumps({"kind": "boot", "kernel": self.kernel.release, "machine": "User-mode Linux"}))
        free = list(processors)
        virtual = [run for run in runs if run.clock == "virtual"]

        def one(run: R) -> None:
            processor = free.pop()
            try:
                self.play_one(run, programs, options, on_line, file_system, processor, memory)
                if not ENDED.is_set():
                    played(run)
            finally:
                free.append(processor)

        with ThreadPoolExecutor(len(processors)) as pool:
            try:
                for done in [pool.submit(one, run) for run in virtual]:
                    done.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                end_all()
                raise
        for run in runs:
            if run.clock == "real":
                self.play_one(run, programs, options, on_line, file_system, processors[-1], memory)
                played(run)

    def play_one(self, run: Playable, programs: Programs, options: Mapping[str, Any], on_line: OnLine, file_system: str, processor: int,
                 memory: str) -> None:
        """Boots a guest for one run, with its memory in a folder. It sees a folder of the scratch folder as /lab/out."""
        with tempfile.TemporaryDirectory(dir=programs.scratch) as out:
            plan = programs.plan([run], lambda run: "/lab/out", options, clock=run.clock, processor="host", identity=self.kernel.identity,
                                 cards=self.cards)
            with open(os.path.join(out, "plan.json"), "w") as file:
                json.dump(plan, file)
            try:
                boot(self.command_line(os.path.basename(file_system), processor, run.clock),
                     (VIRTUAL_SECONDS if run.clock == "virtual" else BOOT_SECONDS) + run.limit, on_line,
                     {"TMPDIR": memory, "LD_PRELOAD": programs.preload, "RELINK_LAB_SEED": str(run.options["seed"])}, out)
            except LabError as error:
                run.fault = str(error)
            os.makedirs(run.folder, exist_ok=True)
            for name in sorted(os.listdir(out)):
                shutil.move(os.path.join(out, name), os.path.join(run.folder, name))

    def command_line(self, file_system: str, processor: int, clock: str) -> list[str]:
        """The kernel's, which runs in the folder that the guest sees. A guest that moves between processors of the host takes twice as long
        and more. Its words feed the kernel's random numbers, so they are the same for the same run."""
        words = ["taskset", "--cpu-list", str(processor), self.kernel.program, f"mem={MEMORY}M", f"initrd=../{file_system}", "con=null",
                 "con0=null,fd:1", "ssl=null", "quiet", "panic=-1", "uml_dir=./", "lab_out=/proc/self/cwd"]
        return words + (["time-travel=inf-cpu", f"time-travel-start={EPOCH_NANOSECONDS}"] if clock == "virtual" else [])


class QEMUMachine:
    """Debian's own kernel on two processors, emulated where there is no KVM: one boot for all runs, in real time."""

    name = "qemu"
    option = "--qemu"

    def __init__(self, use_kvm: bool | None = None) -> None:
        self.kernel = kernel.Kernel()
        self.accelerator = qemu.accelerator(self.kernel, use_kvm)

    def play(self, runs: list[R], programs: Programs, options: Mapping[str, Any], on_line: OnLine, played: Played[R]) -> None:
        """Boots one guest for all runs. It sees a folder of the scratch folder as /lab/out."""
        if not programs.inside:
            programs.strip()
        identity = {"kind": "QEMU", "release": self.kernel.release, "accelerator": self.accelerator[1]}
        with tempfile.TemporaryDirectory(dir=programs.scratch) as out:
            def folder(run: R) -> str:
                return f"/lab/out/{os.path.basename(run.folder)}"

            processor = "host" if self.accelerator is qemu.KVM else "emulated"
            with open(os.path.join(out, "plan.json"), "w") as file:
                json.dump(programs.plan(runs, folder, options, clock="real", processor=processor, identity=identity), file)
            file_system = os.path.join(programs.scratch, "initramfs-qemu")
            initramfs.build(self.kernel, file_system, programs.files, initramfs.QEMU_MOUNT)
            on_line("@lab " + json.dumps({"kind": "boot", "kernel": self.kernel.release, "machine": f"QEMU, {self.accelerator[1].split(',')[0]}"}))
            boot(qemu.command_line(self.kernel, file_system, self.accelerator, out), BOOT_SECONDS + sum(run.limit for run in runs), on_line)
            for run in runs:
                if os.path.exists(left := os.path.join(out, os.path.basename(run.folder))):
                    shutil.move(left, run.folder)
                played(run)


class HostMachine:
    """This machine's own kernel, with hwsim's radios or with `cards`. The driver puts back what it changed."""

    def __init__(self, cards: Mapping[str, Any] | None = None) -> None:
        self.cards = cards
        self.name = "cards" if cards else "host"
        self.option = cards["option"] if cards else "--host"

    def play(self, runs: list[R], programs: Programs, options: Mapping[str, Any], on_line: OnLine, played: Played[R]) -> None:
        """Runs the driver."""
        if os.geteuid() != 0:
            needs = "--radios needs root: it makes" if self.cards else "--host needs root: it loads mac80211_hwsim and makes"
            raise LabError(f"{needs} network namespaces; use sudo")
        path = os.path.join(programs.scratch, "plan.json")
        with open(path, "w") as file:
            json.dump({"tests": None, "medium": None, **options, **programs.paths, "programs": programs.traffic, "work": programs.scratch,
                       "guest": False, "key_file": programs.key, "clock": "real", "processor": "host",
                       "identity": {"kind": "host", "release": os.uname().release}, "cards": self.cards,
                       "jobs": [run.job(run.folder) for run in runs]}, file)
        script = f"import sys; sys.path.insert(0, {os.path.dirname(LIBRARY)!r}); from lablib.guest.driver import main; sys.exit(main({path!r}))"
        # Ctrl-C reaches the lab alone, which then ends the driver; whatever ends the lab ends the driver, which puts back what it changed.
        driver = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", sys.executable, "-B", "-c", script], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert driver.stdout is not None
        limit = BOOT_SECONDS + sum(run.limit for run in runs)
        end = time.monotonic() + limit
        try:
            for line in driver.stdout:
                on_line(line.rstrip("\n"))
                if time.monotonic() > end:
                    raise LabError(f"the driver did not end within {limit:.0f} s")
            if driver.wait() != 0:
                raise LabError("the driver failed; what it printed says why")
        finally:
            if driver.poll() is None:
                driver.terminate()
                driver.wait(RESTORE_SECONDS)
        for run in runs:
            played(run)


Machine = UMLMachine | QEMUMachine | HostMachine


def add_machine_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that select machines."""
    parser.add_argument("--kernels", choices=(*SERIES, "all"), default=SERIES[0], help="the kernel that runs as a program (default %(default)s)")
    parser.add_argument("--qemu", action="store_true", help="Debian's own kernel on two processors instead, emulated where there is no KVM")
    parser.add_argument("--kvm", action=argparse.BooleanOptionalAction, default=None, help="QEMU with KVM or without (default: if a probe boots)")
    parser.add_argument("--host", action="store_true", help="this machine's own kernel (root, mac80211_hwsim)")


def chosen_machines(options: argparse.Namespace) -> list[Machine]:
    """The machines that these options select."""
    if options.host:
        return [HostMachine()]
    if options.qemu:
        return [QEMUMachine(options.kvm)]
    return [UMLMachine(series) for series in (SERIES if options.kernels == "all" else (options.kernels,))]
