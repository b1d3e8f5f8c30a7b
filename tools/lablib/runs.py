"""Plays scenarios: builds what the guest needs, boots it (or uses this machine's kernel), and judges what it left behind."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from . import evidence, initramfs, judge, kernel, qemu
from .guest.scenarios import SCENARIOS, seconds_of
from .paths import LIBRARY, ROOT, LabError
from .replay import replayed

BINARY = os.path.join(ROOT, ".build", "release", "relink")
TESTS = os.path.join(ROOT, ".build", "debug", "relinkPackageTests.xctest")
NEEDS_TESTS = "radio-tests"
DEFAULT = ("up-but-dead", "interface-down", "receiver-restarted", "ping", "clean-up",
           "one-way", "other-way", "unplugged", "same-link", "next-candidate", "three-links",
           "retention-expired", "no-indicator", "both-ends", "receiver-down", "peer-absent",
           "forbidden-channel", "flapping", "rfkill", "channel-changed", "frame-storm", "two-peers", "shared",
           "block-ack", "check", "radio-tests", "idle")
# What the scenarios can be told: how long to last (theirs when None), and for `many` how many,
# and the seed of its faults; for `failover` packets a second, and how often the link is lost.
OPTIONS = {"seconds": None, "agents": 10, "sessions": 100, "receivers": 2, "defaults": False, "seed": 1,
           "rate": 200, "losses": 6, "record": True}
BOOT_SECONDS = 90
RUN_SECONDS = 120


class Run:
    """One run of one scenario with one kind of acknowledgment."""

    def __init__(self, scenario, acknowledgment, number, folder):
        self.scenario, self.acknowledgment, self.number = scenario, acknowledgment, number
        self.folder = os.path.join(folder, f"{scenario}-{acknowledgment}-{number}")
        self.checks = []
        self.evidence = None

    @property
    def passed(self):
        """Whether all checks hold."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    def judge(self, relink=None):
        """Reads the evidence and judges it; with a program, replays what the agents recorded, too."""
        if not os.path.exists(os.path.join(self.folder, "record.json")):
            self.checks = [judge.Check("the scenario was played", False, "the guest ended before it")]
            return
        self.evidence = evidence.load(self.folder)
        self.checks = [*judge.judge(self.evidence), *(replayed(self.folder, relink) if relink else ())]

    def line(self):
        """The verdict in one line, with the evidence of what failed."""
        failed = [f"{check.name}: {check.evidence or 'no'}" for check in self.checks if not check.passed]
        verdict = "ok    " if self.passed else "FAILED"
        about = f"{self.scenario}, acknowledgments from {'the MAC' if self.acknowledgment == 'mac' else 'frames'}, run {self.number}"
        return f"{verdict} {about}" + "".join(f"\n       {reason}" for reason in failed)

    def json(self):
        """The verdict for scripts."""
        return {"scenario": self.scenario, "acknowledgment": self.acknowledgment, "run": self.number,
                "passed": self.passed, "folder": self.folder,
                "checks": [{"name": c.name, "passed": c.passed, "evidence": c.evidence} for c in self.checks]}


def build_agent():
    """Builds the agent for the guest: it needs no library of Swift there."""
    print("lab: building relink (release)", file=sys.stderr, flush=True)
    done = subprocess.run(["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "relink"],
                          cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise LabError(f"relink does not build:\n{done.stdout[-4000:]}")
    return BINARY


def build_tests():
    """Builds the tests for the guest, which gets the libraries that they need, too."""
    print("lab: building the tests (debug)", file=sys.stderr, flush=True)
    done = subprocess.run(["swift", "build", "--build-tests"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise LabError(f"the tests do not build:\n{done.stdout[-4000:]}")
    return TESTS


def play(runs, out, on_message, relink, options=None, use_kvm=None, on_host=False, tests=None, replays=True):
    """Plays the runs and judges them; with `replays` what the agents recorded is replayed, too. `on_message` gets each progress message of the driver. `options` are the scenarios' own,
    `tests` is the program with the tests, for the runs that need it."""
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    # The driver goes through them by acknowledgment: the radios are loaded once for each kind.
    options = OPTIONS | (options or {})
    limit = BOOT_SECONDS + sum(max(RUN_SECONDS, SCENARIOS[run.scenario].seconds) + seconds_of(options, run.scenario)
                               for run in runs)

    def on_line(line):
        if line.startswith("@lab "):
            try:
                return on_message(json.loads(line[5:]))
            except json.JSONDecodeError:
                pass
        on_message({"kind": "output", "text": line})

    with tempfile.TemporaryDirectory() as scratch:
        if on_host:
            play_on_host(runs, plan(runs, relink, scratch, options, "real", lambda run: run.folder, tests), scratch, on_line, limit)
        else:
            play_in_guest(runs, out, relink, tests, scratch, options, use_kvm, on_line, limit)
    for run in runs:
        run.judge(relink if replays else None)
    with open(os.path.join(out, "results.json"), "w") as file:
        json.dump([run.json() for run in runs], file, indent=1)


def plan(runs, relink, work, options, core, folder, tests):
    """What the driver is to do."""
    jobs = [{"scenario": run.scenario, "acknowledgment": run.acknowledgment, "run": run.number, "folder": folder(run)}
            for run in runs]
    return {**options, "relink": relink, "work": work, "core": core, "jobs": jobs, "tests": tests}


def play_in_guest(runs, out, relink, tests, scratch, options, use_kvm, on_line, limit):
    """Boots one guest for all runs. It sees the out folder as /lab/out."""
    programs = {"/usr/bin/relink": relink} | ({"/usr/bin/relink-tests": tests} if tests else {})
    for number, path in enumerate(programs):
        stripped = os.path.join(scratch, str(number))
        subprocess.run(["strip", "-o", stripped, programs[path]], check=True)
        programs[path] = stripped
    boots = kernel.Kernel()
    accelerator = qemu.accelerator(boots, use_kvm)
    core = "real" if accelerator is qemu.KVM else "emulated"
    with open(os.path.join(out, "plan.json"), "w") as file:
        json.dump(plan(runs, "/usr/bin/relink", "/tmp/lab", options, core,
                       lambda run: "/lab/out/" + os.path.basename(run.folder), tests and "/usr/bin/relink-tests"), file)
    file_system = os.path.join(scratch, "initramfs")
    initramfs.build(boots, file_system, programs, "python3 -S -E -B /lab/guest/driver.py /lab/out/plan.json")
    on_line("@lab " + json.dumps({"kind": "boot", "kernel": boots.release, "accelerator": accelerator[1]}))
    qemu.boot(qemu.command_line(boots, file_system, accelerator, out), limit, on_line)


def play_on_host(runs, content, scratch, on_line, limit):
    """Runs the driver on this machine's own kernel; it puts back what it changed."""
    if os.geteuid() != 0:
        raise LabError("--host needs root: it loads mac80211_hwsim and makes network namespaces; use sudo")
    path = os.path.join(scratch, "plan.json")
    with open(path, "w") as file:
        json.dump(content, file)
    driver = subprocess.Popen([sys.executable, os.path.join(LIBRARY, "guest", "driver.py"), path],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    end = time.monotonic() + limit
    try:
        for line in driver.stdout:
            on_line(line.rstrip("\n"))
            if time.monotonic() > end:
                raise LabError(f"the driver did not end within {limit} s")
        if driver.wait() != 0:
            raise LabError("the driver failed; what it printed says why")
    finally:
        if driver.poll() is None:
            driver.terminate()
            driver.wait(30)
