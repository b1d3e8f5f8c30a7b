"""Radios of other kinds: several within a wiphy, and radios that support MLO. What `relink check` reports of them must be what works."""

import re
from collections.abc import Mapping

from ..checked import Check
from ..evidence import Evidence
from ..guest.checking import Bench
from ..guest.losing import both_rebuilt, lose
from ..guest.stage import Stage
from ..judging import NODES, Checks, rebuilt_on, same_session, settled
from ..scenario import scenario

LINKS = (1, 2)
WORKS = ("mac", "frame")
# hwsim has had these since 6.11 and 6.3.
NONE_THERE: Mapping[str, Mapping[str, str]] = {"6.1": {"contexts": "its hwsim has no such radios"}}


def play(stage: Stage) -> None:
    """Checks every radio of both ends, lets agents choose what acknowledges, and loses a link under their session."""
    checked = {}
    for node, agent in stage.agents.items():
        with open(agent.path + ".toml") as file:
            text = file.read()
        with open(agent.path + ".toml", "w") as file:
            file.write(re.sub(r'acknowledgment = "\w+"', 'acknowledgment = "auto"', text))
        bench = Bench(stage, node)
        bench.check("configured", f"agent {node}'s links are checked", "--config", agent.path + ".toml")
        checked[node] = bench.runs["configured"]
    stage.note("checked", checked)
    stage.establish()
    stage.note("status", {node: agent.status() for node, agent in stage.agents.items()})
    at = lose(stage, 1)
    both_rebuilt(stage, 2, at)
    stage.finish()


def judge(evidence: Evidence) -> Checks:
    """The check's report matches the radios that the agents have, and with it they establish and rebuild."""
    notes = evidence.record["notes"]
    for node in NODES:
        run = notes["checked"][node]
        verdicts = {link["link"]: link["verdict"] for link in (run["printed"] or {}).get("links", [])}
        yield Check(f"relink check finds each radio of agent {node} usable", run["status"] == 0 and set(verdicts) == set(LINKS)
                    and set(verdicts.values()) <= set(WORKS), f"status {run['status']}: {verdicts} {run['error']}")
        chosen = {link["id"]: link.get("acknowledgment") for link in notes["status"][node]["links"]}
        yield Check(f"agent {node} has what the check reported", chosen == verdicts, f"{chosen}, checked {verdicts}")
    yield same_session(evidence)
    yield from rebuilt_on(evidence, 2, evidence.done("loss"))
    yield from settled(evidence)


@scenario("mlo-radios", "radios that support MLO: relink check reports what works, agents establish and rebuild with it", 120,
          acknowledgments=("contexts",), module=("mlo=1",), excused=NONE_THERE, records=False, judged=judge)
def mlo_radios(stage: Stage) -> None:
    play(stage)


@scenario("wiphy-radios", "several radios within each wiphy: relink check reports what works, agents establish and rebuild with it", 120,
          acknowledgments=("contexts",), module=("multi_radio=1", "channels=1"), excused=NONE_THERE, records=False, judged=judge)
def wiphy_radios(stage: Stage) -> None:
    play(stage)
