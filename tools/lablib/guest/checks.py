"""The scenario `check`: what `relink links` and `relink check` say of radios that work, and of radios that can't be used."""

import json
import os
import re
import signal
import subprocess

from . import config
from .air import run
from .scenarios import scenario
from .waiting import wait_until

INTERFACE = "relinkcheck"
NOBODY = 65534


@scenario("check", "relink check tells apart radios that acknowledge, that can't, that are forbidden, held, or switched off", 120)
def check(stage):
    bench = Bench(stage)
    bench.note("links", "relink links", "links")
    bench.check("every radio", "every radio is checked")
    bench.check("configured", "the links of the configuration are checked", "--config", bench.toml())
    bench.check("plain", "a link with acknowledgment = \"frame\" is checked", "--config", bench.toml("frame"), "1")
    bench.check("mac wanted", "a link with acknowledgment = \"mac\" is checked", "--config", bench.toml("mac"), "1")
    forbidden(bench)
    held(bench)
    switched_off(bench)
    heard(bench)
    agent_agrees(bench)
    interrupted(bench)
    bench.note("nobody", "relink check without rights", "check", user=NOBODY)
    bench.note("links of nobody", "relink links without rights", "links", user=NOBODY)
    stage.note("runs", bench.runs)


def forbidden(bench):
    """Channel 36 is for listening only in the world's domain, permitted in that of the US; channel 52 needs radar detection."""
    bench.check("forbidden", "channel 36 is checked in regulatory domain 00", f"{bench.radio}@36")
    try:
        set_domain(bench, "US")
        bench.check("permitted", "channel 36 is checked in regulatory domain US", f"{bench.radio}@5180")
        bench.check("radar", "channel 52 is checked in regulatory domain US", f"{bench.radio}@52")
    finally:
        set_domain(bench, "00")


def set_domain(bench, letters):
    """The kernel answers before the radios know of it."""
    run("iw", "reg", "set", letters)
    wait_until(lambda: f"country {letters}" in run(*bench.inside("iw", "reg", "get")), 10, f"the domain is {letters}")


def held(bench):
    """Another program has the radio: it is left alone, and the program is named."""
    interface = bench.interface()
    conf = f"{bench.folder}/wpa.conf"
    with open(conf, "w") as file:
        file.write("update_config=0\n")
    holder = subprocess.Popen(bench.inside("wpa_supplicant", "-i", interface, "-D", "nl80211", "-c", conf),
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: "UP" in flags(run(*bench.inside("ip", "link", "show", interface))), 20, "wpa_supplicant is up")
        before = bench.settled()
        bench.check("held", "a radio that wpa_supplicant holds is checked", bench.radio)
        bench.runs["held"] |= {"holder": holder.pid, "interface": interface,
                               "changed": sorted(set(before) ^ set(bench.snapshot()))}
        bench.note("links while held", "relink links", "links")
    finally:
        holder.terminate()
        holder.wait(20)
    run(*bench.inside("ip", "link", "set", interface, "down"))
    bench.check("released", "the radio is checked when wpa_supplicant is gone", bench.radio)


def flags(text):
    """The flags of an interface in what `ip link` prints."""
    return re.search(r"<(.*?)>", text).group(1).split(",")


def switched_off(bench):
    """rfkill switches one radio off."""
    switch = f"/sys/class/ieee80211/{bench.radio}/rfkill*/soft"
    try:
        run(*bench.inside("sh", "-c", f"echo 1 > $(echo {switch})"))
        bench.check("rfkill", "a radio that rfkill has switched off is checked", bench.radio)
    finally:
        run(*bench.inside("sh", "-c", f"echo 0 > $(echo {switch})"))


def heard(bench):
    """While the peer's agent is on the channels, its frames tell on which channels the radios really are."""
    bench.stage.start(bench.stage.receiver)
    for _ in range(10):
        bench.check("heard", "the links are checked while the peer sends", "--config", bench.toml())
        if all(seen["frequenciesHeard"] for link in bench.runs["heard"]["printed"]["links"] for seen in link["observations"][-1:]):
            break
    bench.stage.stop(bench.stage.receiver)


def agent_agrees(bench):
    """An agent that may choose chooses what the check says; a radio that an agent uses is left alone."""
    agent = bench.stage.initiator
    with open(agent.path + ".toml") as file:
        text = file.read()
    with open(agent.path + ".toml", "w") as file:
        file.write(re.sub(r'acknowledgment = "\w+"', 'acknowledgment = "auto"', text))
    bench.stage.start(agent)
    for link in (1, 2):
        bench.stage.wait(agent, "linkUp", link=link)
    bench.stage.note("status", agent.status())
    bench.check("agent", "a radio that an agent uses is checked", bench.radio)
    bench.stage.stop(agent)


def interrupted(bench):
    """A signal in the middle ends a check, and what it made is gone."""
    for name in ("SIGTERM", "SIGINT"):
        process = bench.start("check", *[bench.radio] * 20)
        wait_until(lambda: INTERFACE in bench.names(), 20, f"there is {INTERFACE}", step=0)
        bench.stage.act("signal", f"a check is ended by {name}", process.send_signal, getattr(signal, name))
        process.wait(20)
        bench.runs[name] = {"status": process.returncode, "left": INTERFACE in bench.names()}


class Bench:
    """Runs relink in the initiator's namespace and keeps what it said."""

    def __init__(self, stage):
        self.stage, self.runs = stage, {}
        self.node = config.INITIATOR
        self.radio = stage.air.radios[self.node, 1]
        self.relink = stage.initiator.relink
        self.folder = os.path.dirname(stage.initiator.path)

    def inside(self, *command):
        return self.stage.air.inside(self.node, *command)

    def snapshot(self):
        return self.stage.air.snapshot(self.node)

    def settled(self):
        """The interfaces when nothing changes any more: a program that starts sets up one thing after the other."""
        seen = []
        wait_until(lambda: seen.append(self.snapshot()) or len(seen) > 4 and all(each == seen[-1] for each in seen[-4:]), 20,
                   "the interfaces stay as they are")
        return seen[-1]

    def names(self):
        """The names of the interfaces."""
        return run("ip", "-n", self.stage.air.namespace(self.node), "-o", "link")

    def interface(self):
        """The interface that the radio came with."""
        return run(*self.inside("ls", f"/sys/class/ieee80211/{self.radio}/device/net")).split()[0]

    def toml(self, acknowledgment=None):
        """The initiator's configuration, with this kind of acknowledgment on every link or as it is."""
        with open(self.stage.initiator.path + ".toml") as file:
            text = file.read()
        if acknowledgment is None:
            return self.stage.initiator.path + ".toml"
        path = f"{self.folder}/{acknowledgment}.toml"
        with open(path, "w") as file:
            file.write(re.sub(r'acknowledgment = "\w+"', f'acknowledgment = "{acknowledgment}"', text))
        return path

    def start(self, *arguments):
        return subprocess.Popen(self.inside(self.relink, *arguments), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def check(self, name, what, *arguments):
        """One `relink check --json`."""
        self.note(name, what, "check", *arguments)

    def note(self, name, what, *arguments, user=None):
        """One relink command that prints JSON: its status, what it printed, and whether it left an interface behind."""
        as_user = f"import os, sys; os.setuid({user}); os.execv(sys.argv[1], sys.argv[1:])"
        command = self.inside(*(["python3", "-S", "-E", "-c", as_user] if user else []), self.relink, *arguments, "--json")

        def play():
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            printed = json.loads(done.stdout) if done.stdout.strip() else None
            self.runs[name] = {"status": done.returncode, "printed": printed, "error": done.stderr,
                               "left": INTERFACE in self.names()}

        self.stage.act("relink", what, play)
        # What people would have seen stays with the evidence.
        people = [word for word in command if word != "--json"]
        with open(f"{self.folder}/check.txt", "a") as file:
            file.write(f"--- {name}: relink {' '.join(arguments)}\n{json.dumps(self.runs[name]['printed'])}\n{self.runs[name]['error']}")
        if name in ("every radio", "links"):
            done = subprocess.run(people, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            with open(f"{self.folder}/check.txt", "a") as file:
                file.write(done.stdout)


@scenario("radio-tests", "the radio driver's own tests, among them a radio whose reports lie, on two radios", 120)
def radio_tests(stage):
    """The tests make namespaces of their own and want their radios in the first one, as on a user's machine."""
    node = config.INITIATOR
    radios = [phy for (owner, _), phy in stage.air.radios.items() if owner == node]
    for phy in radios:
        run(*stage.air.inside(node, "iw", "phy", phy, "set", "netns", "1"))
    log = f"{os.path.dirname(stage.initiator.path)}/tests.log"

    def play():
        with open(log, "wb") as file:
            return subprocess.run([stage.options["tests"], "--testing-library", "swift-testing", "--filter", "KernelRadioTests"],
                                  env=os.environ | {"RELINK_RADIO_TESTS": "1"}, stdin=subprocess.DEVNULL, stdout=file,
                                  stderr=file, timeout=100).returncode

    try:
        stage.act("stop-tests", "the tests are run", play)
    finally:
        for phy in radios:
            run("iw", "phy", phy, "set", "netns", "name", stage.air.namespace(node))
    with open(log, errors="replace") as file:
        stage.note("tests", file.read()[-20000:])
