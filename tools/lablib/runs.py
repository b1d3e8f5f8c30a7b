"""Plays scenarios: builds what the guest needs, boots it (or uses this machine's kernel), and judges what it left behind."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from . import evidence, initramfs, judge, kernel, qemu, standstill, traffic
from .guest.scenarios import SCENARIOS, seconds_of
from .paths import LIBRARY, ROOT, LabError
from .replay import replayed

BINARY = os.path.join(ROOT, ".build", "release", "relink")
MEDIUM = os.path.join(ROOT, ".build", "release", "relink-medium")
TESTS = os.path.join(ROOT, ".build", "debug", "relinkPackageTests.xctest")
NEEDS_TESTS = "radio-tests"
DEFAULT = ("up-but-dead", "interface-down", "receiver-restarted", "ping", "clean-up",
           "one-way", "other-way", "unplugged", "same-link", "next-candidate", "three-links",
           "retention-expired", "no-indicator", "both-ends", "receiver-down", "peer-absent",
           "forbidden-channel", "flapping", "rfkill", "channel-changed", "frame-storm", "two-peers", "shared", "discovery", "tcp-losses", "tcp-copy",
           "block-ack", "check", "radio-tests", "idle", "medium", "lossy", "random-losses", "keys", "attacker", "flooded")
# What the scenarios can be told: how long to last and how often to lose a link (their own when None); for `many` how many; the
# seed of what is random; packets a second, packets' sizes, octets to copy; how often to measure by turns.
OPTIONS = {"seconds": None, "agents": 10, "sessions": 100, "receivers": 2, "defaults": False, "thorough": False, "seed": 1,
           "rate": 200, "losses": None, "size": 1400, "octets": None, "security": "psk", "record": "none",
           "rounds": 3}
BOOT_SECONDS = 90
RUN_SECONDS = 120


class Run:
    """One run of one scenario with one kind of acknowledgment; `contender` says what takes part in it where that is not fixed."""

    def __init__(self, scenario, acknowledgment, number, folder, contender=None):
        self.scenario, self.acknowledgment, self.number, self.contender = scenario, acknowledgment, number, contender
        self.folder = os.path.join(folder, f"{scenario}-{contender or acknowledgment}-{number}")
        self.checks = []
        self.evidence = None
        # What failed the first time, if it was played again.
        self.spoiled = None

    @property
    def passed(self):
        """Whether all checks hold."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    def judge(self, relink):
        """Reads the evidence and judges it, and has the agent's program replay what was recorded."""
        if not os.path.exists(os.path.join(self.folder, "record.json")):
            self.checks = [judge.Check("the scenario was played", False, "the guest ended before it")]
            return
        self.evidence = evidence.load(self.folder)
        self.checks = list(judge.judge(self.evidence)) + list(replayed(self.folder, relink))

    def line(self):
        """The verdict in one line, with the evidence of what failed."""
        failed = [f"{check.name}: {check.evidence or 'no'}" for check in self.checks if not check.passed]
        verdict = "ok    " if self.passed else "FAILED"
        kind = self.contender or f"acknowledgments from {'the MAC' if self.acknowledgment == 'mac' else 'frames'}"
        about = f"{self.scenario}, {kind}, run {self.number}"
        told = self.evidence and self.evidence.record["notes"].get("told")
        again = f"\n       played again: a processor stood still; {self.spoiled}" if self.spoiled else ""
        return f"{verdict} {about}" + (f": {told}" if told else "") + "".join(f"\n       {reason}" for reason in failed) + again

    def json(self):
        """The verdict for scripts."""
        return {"scenario": self.scenario, "acknowledgment": self.acknowledgment, "run": self.number,
                "passed": self.passed, "folder": self.folder,
                "checks": [{"name": c.name, "passed": c.passed, "evidence": c.evidence} for c in self.checks]}


def build_agent():
    """Builds the agent for the guest."""
    return build(BINARY)


def build_medium():
    """Builds the medium for the guest."""
    return build(MEDIUM)


def build(binary):
    """Builds a program for the guest: it needs no library of Swift there."""
    product = os.path.basename(binary)
    print(f"lab: building {product} (release)", file=sys.stderr, flush=True)
    done = subprocess.run(["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", product],
                          cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise LabError(f"{product} does not build:\n{done.stdout[-4000:]}")
    return binary


def build_tests():
    """Builds the tests for the guest, which gets the libraries that they need, too."""
    print("lab: building the tests (debug)", file=sys.stderr, flush=True)
    done = subprocess.run(["swift", "build", "--build-tests"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise LabError(f"the tests do not build:\n{done.stdout[-4000:]}")
    return TESTS


def needs_medium(scenarios):
    """Whether one of these scenarios wants a medium of its own."""
    return any(SCENARIOS[name].medium is not None for name in scenarios)


def play(runs, out, on_message, relink, options=None, use_kvm=None, on_host=False, tests=None, medium=None):
    """Plays the runs, judges them, and replays what the agents recorded. `on_message` gets each progress message of the driver.
    `options` are the scenarios' own, `tests` is the program with the tests and `medium` the medium, for the runs that need them."""
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    options = OPTIONS | (options or {})

    def on_line(line):
        if line.startswith("@lab "):
            try:
                return on_message(json.loads(line[5:]))
            except json.JSONDecodeError:
                pass
        on_message({"kind": "output", "text": line})

    def play_and_judge(runs):
        limit = BOOT_SECONDS + sum(max(RUN_SECONDS, SCENARIOS[run.scenario].seconds) + seconds_of(options, run.scenario) for run in runs)
        with tempfile.TemporaryDirectory() as scratch:
            if on_host:
                programs = {"relink": relink, "tests": tests, "medium": medium}
                content = plan(runs, programs, traffic.build(scratch), scratch, options, "real", lambda run: run.folder)
                play_on_host(runs, content, scratch, on_line, limit)
            else:
                programs = {"relink": relink} | ({"tests": tests} if tests else {}) | ({"medium": medium} if medium else {})
                play_in_guest(runs, out, programs, scratch, options, use_kvm, on_line, limit)
        for run in runs:
            run.judge(relink)

    # The driver goes through them by acknowledgment: the radios are loaded once for each kind.
    play_and_judge(runs)
    # Once more, and no more: what is broken fails again.
    again = [run for run in runs if standstill.spoiled(run)]
    for run in again:
        run.spoiled = "; ".join(f"{check.name}: {check.evidence}" for check in run.checks if not check.passed)
        on_message({"kind": "output", "text": f"{run.scenario} is played again, a processor stood still: {run.spoiled}"})
        os.rename(run.folder, run.folder + "-stood-still")
    if again:
        play_and_judge(again)
    with open(os.path.join(out, "results.json"), "w") as file:
        json.dump([run.json() for run in runs], file, indent=1)


def plan(runs, programs, traffic_programs, work, options, core, folder):
    """What the driver is to do. `programs` and `traffic_programs` say where each is."""
    jobs = [{"scenario": run.scenario, "acknowledgment": run.acknowledgment, "run": run.number, "folder": folder(run),
             "options": {"contender": run.contender} if run.contender else {}} for run in runs]
    return {"tests": None, "medium": None, **options, **programs, "programs": traffic_programs, "work": work, "core": core, "jobs": jobs}


def play_in_guest(runs, out, programs, scratch, options, use_kvm, on_line, limit):
    """Boots one guest for all runs. It sees the out folder as /lab/out."""
    inside, files = {}, {}
    for name, path in programs.items():
        inside[name] = "/usr/bin/relink" if name == "relink" else f"/usr/bin/relink-{name}"
        files[inside[name]] = os.path.join(scratch, name)
        subprocess.run(["strip", "-o", files[inside[name]], path], check=True)
    traffic_programs = {}
    for name, path in traffic.build(scratch).items():
        traffic_programs[name] = "/usr/bin/" + os.path.basename(path)
        files[traffic_programs[name]] = path
    boots = kernel.Kernel()
    accelerator = qemu.accelerator(boots, use_kvm)
    core = "real" if accelerator is qemu.KVM else "emulated"
    with open(os.path.join(out, "plan.json"), "w") as file:
        json.dump(plan(runs, inside, traffic_programs, "/tmp/lab", options, core,
                       lambda run: "/lab/out/" + os.path.basename(run.folder)), file)
    file_system = os.path.join(scratch, "initramfs")
    initramfs.build(boots, file_system, files, "python3 -S -E -B /lab/guest/driver.py /lab/out/plan.json")
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
