"""Judges the scenario `check` by the JSON that `relink check` printed."""

import re

from .checked import Check

TESTS = 14
UNUSABLE = "unusable"


def check(evidence):
    """Every radio is told for what it is, and nothing is left behind."""
    runs, kind = evidence.record["notes"]["runs"], evidence.acknowledgment
    yield Check("nothing is left behind", not any(run.get("left") for run in runs.values()),
                ", ".join(name for name, run in runs.items() if run.get("left")))
    yield from inventory(runs, kind)
    yield from usable(runs, kind)
    yield from refused(runs)
    yield from with_agent(evidence, runs, kind)
    for name, status in (("SIGTERM", 143), ("SIGINT", 130)):
        yield Check(f"{name} ends a check with status {status}", runs[name]["status"] == status, str(runs[name]["status"]))
    seen = {l["frequency"]: set(o["frequenciesHeard"]) for l in checked(runs, "heard") for o in l["observations"][-1:]}
    yield Check("heard: received frames name the channel that was set", seen == {2412: {2412}, 2462: {2462}}, str(seen))
    radios = (runs["links of nobody"]["printed"] or {}).get("radios", [])
    yield Check("without rights: links tells of both radios", len(radios) == 2, runs["links of nobody"]["error"])
    nobody = runs["nobody"]
    yield Check("without rights: status 77, and the capabilities are named", nobody["status"] == 77
                and "CAP_NET_ADMIN" in nobody["error"] and "CAP_NET_RAW" in nobody["error"], nobody["error"])


def inventory(runs, kind):
    """What `relink links` says."""
    radios = (runs["links"]["printed"] or {}).get("radios", [])
    yield Check("links: two radios of mac80211_hwsim with active monitors", [r["driver"] for r in radios] == ["mac80211_hwsim"] * 2
                and all(r["activeMonitor"] for r in radios), str([r["wiphy"] for r in radios]))
    if not radios:
        return
    channels = {c["channel"]: c["restrictions"] for band in radios[0]["bands"] for c in band["channels"] if band["band"] != "6"}
    yield Check("links: channel 1 is permitted, channel 36 is for listening only", channels.get(1) == []
                and "noInitiatingRadiation" in channels.get(36, []), f"{channels.get(1)}, {channels.get(36)}")
    most = max((c["channels"] for c in radios[0]["combinations"]), default=0)
    yield Check("links: the interface combinations tell channel contexts", most == {"mac": 1, "frame": 2}[kind], str(most))
    held = runs["links while held"]["printed"]["radios"]
    used = [(i["name"], p["process"]) for r in held for i in r["interfaces"] for p in i["programs"]]
    yield Check("links: wpa_supplicant is named with its process",
                used == [(runs["held"]["interface"], runs["held"]["holder"])], str(used))


def usable(runs, kind):
    """Radios that can be used."""
    for name in ("every radio", "configured", "permitted", "released"):
        links = checked(runs, name)
        verdicts = [link["verdict"] for link in links]
        yield Check(f"{name}: {kind}, and status 0", runs[name]["status"] == 0 and set(verdicts) == {kind}, describe(runs[name]))
    for link in checked(runs, "every radio"):
        seen = {each["monitor"]: each for each in link["observations"]}
        active = seen.get("active", {})
        if kind == "mac":
            yield Check(f"{link['wiphy']}: the active monitor reports truly", link["monitor"] == "active" and
                        (active["injected"], active["echoes"], active["falseEchoes"]) == (3, 3, 0), str(link["observations"]))
        else:
            yield Check(f"{link['wiphy']}: the active monitor drops everything, the plain one does not",
                        link["monitor"] == "plain" and link["problem"]["name"] == "noReport" and active.get("echoes") == 0
                        and seen["plain"]["echoes"] == seen["plain"]["injected"] == 3, str(link["observations"]))
    plain = checked(runs, "plain")
    yield Check("acknowledgment = \"frame\": a plain monitor, frame", [(l["verdict"], l["monitor"]) for l in plain] == [("frame", "plain")]
                and [o["monitor"] for o in plain[0]["observations"]] == ["plain"], describe(runs["plain"]))
    wanted = checked(runs, "mac wanted")
    if kind == "mac":
        yield Check("acknowledgment = \"mac\": mac", [l["verdict"] for l in wanted] == ["mac"], describe(runs["mac wanted"]))
    else:
        yield problem(runs, "mac wanted", "noReport", "acknowledgment = ")


def refused(runs):
    """Radios that can't be used, each with the reason and the remedy."""
    yield problem(runs, "forbidden", "channelNoInitiatingRadiation", "iw reg set")
    yield problem(runs, "radar", "channelRadar", "without radar")
    yield problem(runs, "held", "radioHeld", f"kill {runs['held']['holder']}")
    yield Check("held: the interface is as it was", not runs["held"]["changed"], str(runs["held"]["changed"]))
    yield problem(runs, "rfkill", "radioBlocked", "rfkill unblock")


def with_agent(evidence, runs, kind):
    """The agent chooses what the check says, and is left alone by it."""
    chosen = [link.get("acknowledgment") for link in evidence.record["notes"]["status"]["links"]]
    yield Check("an agent that may choose chooses what the check says", chosen == [kind] * 2, str(chosen))
    yield problem(runs, "agent", "radioHeld", "stop the agent")


def problem(runs, name, word, remedy):
    """One unusable radio, with this problem and a remedy that says so."""
    links = checked(runs, name)
    told = links[0].get("problem") or {} if links else {}
    return Check(f"{name}: unusable, {word}, with the remedy, and status 1",
                 runs[name]["status"] == 1 and [l["verdict"] for l in links] == [UNUSABLE] and told.get("name") == word
                 and remedy in told.get("remedy", ""), describe(runs[name]))


def checked(runs, name):
    """The radios of one check."""
    return (runs[name]["printed"] or {}).get("links", [])


def describe(run):
    """A check in few words."""
    links = (run["printed"] or {}).get("links", [])
    told = ", ".join(f"{l['wiphy']} {l['verdict']} {(l.get('problem') or {}).get('name', '')} {(l.get('problem') or {}).get('remedy', '')}".strip()
                     for l in links)
    return f"status {run['status']}: {told or run['error']}"


def radio_tests(evidence):
    """All tests were run and passed; the agents' exits judge the status."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", evidence.record["notes"]["tests"])
    total = re.search(r"Test run with (\d+) tests? in .* passed", text)
    failed = [line.strip() for line in text.splitlines() if " recorded an issue " in line or " failed after " in line]
    skipped = [line.strip() for line in text.splitlines() if " skipped" in line]
    yield Check("the tests of the radio driver pass", total is not None and not failed, "; ".join(failed[:5]) or text[-500:])
    yield Check(f"at least {TESTS} were run, none was left out", total is not None and int(total[1]) >= TESTS and not skipped,
                "; ".join(skipped[:3]) or (total[0] if total else "no end"))
