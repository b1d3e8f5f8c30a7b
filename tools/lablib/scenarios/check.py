"""Reports of `relink links` and `relink check` on radios that work, and of radios that can't be used."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from typing import Any

from ..checked import Check
from ..evidence import Evidence
from ..guest import config
from ..guest.air import run
from ..guest.checking import INTERFACE, Bench
from ..guest.stage import Stage
from ..guest.waiting import wait_until
from ..judging import Checks
from ..scenario import DRIVERS, scenario

NOBODY = 65534
TESTS = 18
UNUSABLE = "unusable"

# Output of relink, and its exit status, by attempt.
Runs = Mapping[str, dict[str, Any]]


@scenario("check", "relink check tells apart radios that acknowledge, that can't, that are forbidden, held, or switched off", 120, records=False,
          acknowledgments=DRIVERS)
def check(stage: Stage) -> None:
    bench = Bench(stage)
    bench.note("links", "relink links", "links")
    bench.check("every radio", "every radio is checked")
    bench.check("configured", "the links of the configuration are checked", "--config", bench.toml())
    bench.check("plain", "a link with acknowledgment = \"frame\" is checked", "--config", bench.toml("frame"), "1")
    bench.check("mac wanted", "a link with acknowledgment = \"mac\" is checked", "--config", bench.toml("mac"), "1")
    bench.check("no anchor", "the same with anchor = \"none\"", "--config", bench.toml("mac", "none"), "1")
    forbidden(bench)
    held(bench)
    switched_off(bench)
    heard(bench)
    agent_agrees(bench)
    interrupted(bench)
    bench.note("nobody", "relink check without rights", "check", user=NOBODY)
    bench.note("links of nobody", "relink links without rights", "links", user=NOBODY)
    stage.note("runs", bench.runs)


@check.judge
def judge_check(evidence: Evidence) -> Checks:
    """Every radio is told for what it is, and nothing is left behind."""
    runs, kind, channels = evidence.record["notes"]["runs"], evidence.acknowledgment, evidence.record["channels"]
    yield Check("nothing is left behind", not any(run.get("left") for run in runs.values()),
                ", ".join(name for name, run in runs.items() if run.get("left")))
    yield from inventory(runs, channels)
    yield from usable(runs, kind)
    yield from ways(runs, channels)
    yield from refused(runs)
    yield from with_agent(evidence, runs)
    for name, status in (("SIGTERM", 143), ("SIGINT", 130)):
        yield Check(f"{name} ends a check with status {status}", runs[name]["status"] == status, str(runs[name]["status"]))
    seen = {each["frequency"]: {frequency for way in each["ways"] for frequency in way["frequenciesHeard"]} for each in checked(runs, "heard")}
    yield Check("heard: received frames name the channel that was set", seen == {2412: {2412}, 2462: {2462}}, str(seen))
    radios = (runs["links of nobody"]["printed"] or {}).get("radios", [])
    yield Check("without rights: links tells of both radios", len(radios) == 2, runs["links of nobody"]["error"])
    nobody = runs["nobody"]
    yield Check("without rights: status 77, and the capabilities are named", nobody["status"] == 77
                and "CAP_NET_ADMIN" in nobody["error"] and "CAP_NET_RAW" in nobody["error"], nobody["error"])


def forbidden(bench: "Bench") -> None:
    """Channel 36 is for listening only in the world's domain, permitted in that of the US; channel 52 needs radar detection."""
    bench.check("forbidden", "channel 36 is checked in regulatory domain 00", f"{bench.radio}@36")
    try:
        set_domain(bench, "US")
        bench.check("permitted", "channel 36 is checked in regulatory domain US", f"{bench.radio}@5180")
        bench.check("radar", "channel 52 is checked in regulatory domain US", f"{bench.radio}@52")
    finally:
        set_domain(bench, "00")


def set_domain(bench: "Bench", letters: str) -> None:
    """The kernel answers before the radios know of it."""
    run("iw", "reg", "set", letters)
    wait_until(lambda: f"country {letters}" in run(*bench.inside("iw", "reg", "get")), 10, f"the domain is {letters}")


def held(bench: "Bench") -> None:
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


def flags(text: str) -> list[str]:
    """The flags of an interface in what `ip link` prints."""
    return text[text.index("<") + 1:text.index(">")].split(",")


def switched_off(bench: "Bench") -> None:
    """rfkill switches one radio off."""
    switch = f"/sys/class/ieee80211/{bench.radio}/rfkill*/soft"
    try:
        run(*bench.inside("sh", "-c", f"echo 1 > $(echo {switch})"))
        bench.check("rfkill", "a radio that rfkill has switched off is checked", bench.radio)
    finally:
        run(*bench.inside("sh", "-c", f"echo 0 > $(echo {switch})"))


def heard(bench: "Bench") -> None:
    """While the peer's agent is on the channels, its frames tell on which channels the radios really are."""
    bench.stage.start(bench.stage.receiver)
    for _ in range(10):
        bench.check("heard", "the links are checked while the peer sends", "--config", bench.toml())
        if all(any(way["frequenciesHeard"] for way in link["ways"]) for link in bench.runs["heard"]["printed"]["links"]):
            break
    bench.stage.stop(bench.stage.receiver)


def agent_agrees(bench: "Bench") -> None:
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


def interrupted(bench: "Bench") -> None:
    """A signal in the middle ends a check, and what it made is gone."""
    for name in ("SIGTERM", "SIGINT"):
        process = bench.start("check", *[bench.radio] * 20)
        wait_until(lambda: INTERFACE in bench.names(), 20, f"there is {INTERFACE}", step=0.001)
        bench.stage.act("signal", f"a check is ended by {name}", process.send_signal, getattr(signal, name))
        process.wait(20)
        bench.runs[name] = {"status": process.returncode, "left": INTERFACE in bench.names()}


@scenario("radio-tests", "the radio driver's own tests, among them a radio whose reports lie, on two radios", 120, records=False, needs_tests=True,
          acknowledgments=DRIVERS)
def radio_tests(stage: Stage) -> None:
    """The tests make namespaces of their own and want their radios in the first one, as on a user's machine."""
    node = config.INITIATOR
    radios = [phy for (owner, _), phy in stage.air.radios.items() if owner == node]
    for phy in radios:
        run(*stage.air.inside(node, "iw", "phy", phy, "set", "netns", "1"))
    log = f"{os.path.dirname(stage.initiator.path)}/tests.log"

    def play() -> int:
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


@radio_tests.judge
def judge_radio_tests(evidence: Evidence) -> Checks:
    """All tests were run and passed; the agents' exits judge the status."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", evidence.record["notes"]["tests"])
    total = re.search(r"Test run with (\d+) tests? in .* passed", text)
    failed = [line.strip() for line in text.splitlines() if " recorded an issue " in line or " failed after " in line]
    skipped = [line.strip() for line in text.splitlines() if " skipped" in line]
    yield Check("the tests of the radio driver pass", total is not None and not failed, "; ".join(failed[:5]) or text[-500:])
    yield Check(f"at least {TESTS} were run, none was left out", total is not None and int(total[1]) >= TESTS and not skipped,
                "; ".join(skipped[:3]) or (total[0] if total else "no end"))


def inventory(runs: Runs, channels: int) -> Checks:
    """Output of `relink links`."""
    radios = (runs["links"]["printed"] or {}).get("radios", [])
    yield Check("links: two radios of mac80211_hwsim with active monitors and access points",
                [r["driver"] for r in radios] == ["mac80211_hwsim"] * 2
                and all(r["activeMonitor"] and r["accessPoint"] and r["ibss"] for r in radios), str([r["wiphy"] for r in radios]))
    if not radios:
        return
    permitted = {c["channel"]: c["restrictions"] for band in radios[0]["bands"] for c in band["channels"] if band["band"] != "6"}
    yield Check("links: channel 1 is permitted, channel 36 is for listening only", permitted.get(1) == []
                and "noInitiatingRadiation" in permitted.get(36, []), f"{permitted.get(1)}, {permitted.get(36)}")
    most = max((c["channels"] for c in radios[0]["combinations"]), default=0)
    yield Check("links: the interface combinations tell channel contexts", most == channels, str(most))
    held = runs["links while held"]["printed"]["radios"]
    used = [(i["name"], p["process"]) for r in held for i in r["interfaces"] for p in i["programs"]]
    yield Check("links: wpa_supplicant is named with its process",
                used == [(runs["held"]["interface"], runs["held"]["holder"])], str(used))


def usable(runs: Runs, kind: str) -> Checks:
    """Radios that can be used: where nothing else is configured, an access point makes them acknowledge."""
    for name in ("every radio", "configured", "permitted", "released"):
        wanted = kind if name == "configured" else "mac"
        verdicts = [link["verdict"] for link in checked(runs, name)]
        yield Check(f"{name}: {wanted}, and status 0", runs[name]["status"] == 0 and set(verdicts) == {wanted}, describe(runs[name]))
    plain = checked(runs, "plain")
    yield Check("acknowledgment = \"frame\": a plain monitor, frame", [(each["verdict"], each["way"]) for each in plain] == [("frame", "plain")]
                and [way["way"] for way in plain[0]["ways"]] == ["plain"], describe(runs["plain"]))
    yield Check("acknowledgment = \"mac\": mac by an access point",
                [(each["verdict"], each.get("way")) for each in checked(runs, "mac wanted")] == [("mac", "ap")], describe(runs["mac wanted"]))


def ways(runs: Runs, channels: int) -> Checks:
    """The result of each way to hold a radio: an active monitor works where there are no channel contexts."""
    for link in checked(runs, "every radio"):
        seen = {way["way"]: way for way in link["ways"]}
        told = str(link["ways"])
        yield Check(f"{link['wiphy']}: an access point, an active monitor and a plain one were tried, in this order",
                    link.get("way") == "ap" and list(seen) == ["ap", "active", "plain"], told)
        for name in ("ap", "active") if channels == 1 else ("ap",):
            way = seen.get(name, {})
            burst = way.get("burst", {})
            yield Check(f"{link['wiphy']}: {name} reports truly, retries and rate included, a payload as it was sent, and all of a burst",
                        [way.get(key) for key in ("injected", "echoes", "falseEchoes", "payload")] == [3, 3, 0, "intact"] and "problem" not in way
                        and way["reportsRetries"] and way["reportsRate"] and (burst.get("injected"), burst.get("echoes")) == (300, 300), told)
        if channels != 1:
            yield Check(f"{link['wiphy']}: the active monitor drops everything", seen.get("active", {}).get("echoes") == 0
                        and seen["active"].get("problem", {}).get("name") == "noReport", told)
        yield Check(f"{link['wiphy']}: the plain monitor sends", seen.get("plain", {}).get("echoes") == 3 and "problem" not in seen["plain"], told)
    if channels == 1:
        yield Check("anchor = \"none\": mac by an active monitor",
                    [(each["verdict"], each.get("way")) for each in checked(runs, "no anchor")] == [("mac", "active")], describe(runs["no anchor"]))
    else:
        yield problem(runs, "no anchor", "macAcknowledgmentImpossible", "acknowledgment = ")


def refused(runs: Runs) -> Checks:
    """Radios that can't be used, each with the reason and the remedy."""
    yield problem(runs, "forbidden", "channelNoInitiatingRadiation", "iw reg set")
    yield problem(runs, "radar", "channelRadar", "without radar")
    yield problem(runs, "held", "radioHeld", f"kill {runs['held']['holder']}")
    yield Check("held: the interface is as it was", not runs["held"]["changed"], str(runs["held"]["changed"]))
    yield problem(runs, "rfkill", "radioBlocked", "rfkill unblock")


def with_agent(evidence: Evidence, runs: Runs) -> Checks:
    """The agent chooses what the check says, and is left alone by it."""
    chosen = [(link.get("acknowledgment"), link.get("way")) for link in evidence.record["notes"]["status"]["links"]]
    yield Check("an agent that may choose chooses what the check says", chosen == [("mac", "ap")] * 2, str(chosen))
    yield problem(runs, "agent", "radioHeld", "stop the agent")


def problem(runs: Runs, name: str, word: str, remedy: str) -> Check:
    """One unusable radio, with this problem and a remedy that says so."""
    links = checked(runs, name)
    told = links[0].get("problem") or {} if links else {}
    return Check(f"{name}: unusable, {word}, with the remedy, and status 1",
                 runs[name]["status"] == 1 and [each["verdict"] for each in links] == [UNUSABLE] and told.get("name") == word
                 and remedy in told.get("remedy", ""), describe(runs[name]))


def checked(runs: Runs, name: str) -> list[dict[str, Any]]:
    """The radios of one check."""
    links: list[dict[str, Any]] = (runs[name]["printed"] or {}).get("links", [])
    return links


def describe(run: Mapping[str, Any]) -> str:
    """A check in few words."""
    links = (run["printed"] or {}).get("links", [])
    problems = [each.get("problem") or {} for each in links]
    told = ", ".join(f"{each['wiphy']} {each['verdict']} {why.get('name', '')} {why.get('remedy', '')}".strip()
                     for each, why in zip(links, problems, strict=True))
    return f"status {run['status']}: {told or run['error']}"
