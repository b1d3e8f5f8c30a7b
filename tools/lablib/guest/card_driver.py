"""Plays the scenarios of a plan on cards: looks at them, refuses what can't be used, deals them out, puts them back."""

import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import card, config
from .air import Air, AirError, run
from .card import CardError, Json
from .cards import NODES, Cards, Found, Pretended, look, refused_namespaces
from .witness import MakeWitness

# Files left in the folder of each job: the findings about the cards, and the differences that remain afterwards.
SURVEY, LEFT = "survey.json", "left.json"
CHECK_SECONDS = 300

# Plays a job on an air.
Play = Callable[[Json, Air, Json, MakeWitness], None]
Say = Callable[..., None]


def play_on_cards(plan: Json, play: Play, say: Say) -> int:
    """All jobs, on the cards that the plan names; `plan["cards"]` has `radios`, `channels`, `witness`, `pretend`. Returns the exit status."""
    cards = plan["cards"]
    # The lab's own key is for a seed, and not for the air of others.
    if not plan["guest"]:
        plan["key_file"] = config.make_key(plan["relink"], f"{plan['work']}/cards.key")
    pretended = Pretended(cards["pretend"]) if cards["pretend"] else contextlib.nullcontext()
    try:
        with pretended:
            survey = Survey(plan["relink"], cards)
            try:
                survey.look()
                survey.refuse()
            finally:
                keep(plan, SURVEY, survey.found)
            return deal_and_play(plan, survey, play, say)
    except CardError as error:
        for reason in error.reasons:
            say("fatal", text=reason)
    except AirError as error:
        say("fatal", text=str(error))
    return 1


def deal_and_play(plan: Json, survey: "Survey", play: Play, say: Say) -> int:
    """Deals the cards out, plays, and puts them back. What is not as it was found then is said."""
    acknowledgment = plan["jobs"][0]["acknowledgment"]
    air = Cards(acknowledgment, survey.found["links"], survey.before, plan["cards"]["witness"], survey.found["networkManager"])
    try:
        with air:
            for job in plan["jobs"]:
                play(plan, air, job, air.witness)
    finally:
        keep(plan, LEFT, air.left)
    for text in air.left:
        say("left", text=text)
    say("done")
    return 0


def keep(plan: Json, name: str, content: Any) -> None:
    """Leaves a file in the folder of each job."""
    for job in plan["jobs"]:
        os.makedirs(job["folder"], exist_ok=True)
        with open(f"{job['folder']}/{name}", "w") as file:
            json.dump(content, file, indent=1)


def answer(command: Sequence[str]) -> tuple[int, str, str]:
    """Runs a program to its end; returns its status and what it printed. Whatever ends this process ends that one as a user would, so
    that it puts back what it changed."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        printed, error = process.communicate(timeout=CHECK_SECONDS)
    except BaseException:
        process.terminate()
        process.communicate(timeout=30)
        raise
    return process.returncode, printed, error


class Survey:
    """Properties of the cards, obstacles to their use, and the two cards of each link. `found` is the source of a report."""

    def __init__(self, relink: str, cards: Json) -> None:
        self.relink, self.cards = relink, cards
        # The cards as they were before anything was done to them.
        self.before: dict[str, Found | None] = {}
        self.found: Json = {
            "kernel": os.uname().release, "architecture": os.uname().machine, "distribution": distribution(), "relink": None,
            "radios": [], "links": [], "networkManager": False}

    def look(self) -> None:
        """Finds out all there is to know. Raises CardError where it can't go on."""
        self.found["relink"] = answer([self.relink, "--version"])[1].strip()
        inventory = self._relink("links")
        known = {radio["wiphy"]: radio for radio in inventory["radios"]}
        wanted = [*self.cards["radios"], *([self.cards["witness"]] if self.cards["witness"] else [])]
        if missing := [phy for phy in wanted if phy not in known]:
            here = ", ".join(known) or "none"
            raise CardError([*refused_namespaces(), *(f"there is no radio {phy} here; there are {here} (relink links); a card that is plugged in "
                                                      "has one when its driver is loaded" for phy in missing)])
        self.found["networkManager"] = any(each["name"] == "NetworkManager" for each in inventory["programs"])
        self.before = {phy: look(phy) for phy in wanted}
        self.found["radios"] = [self._facts(known[phy]) for phy in wanted]
        half = len(self.cards["radios"]) // 2
        pairs = list(zip(self.cards["radios"][:half], self.cards["radios"][half:], strict=True))
        frequencies = card.choose([(known[here], known[there]) for here, there in pairs], self.cards["channels"])
        self.found["links"] = [{"id": number, **dict(zip(NODES, pair, strict=True)), "frequency": mhz}
                               for number, (pair, mhz) in enumerate(zip(pairs, frequencies, strict=True), 1)]
        places = [f"{link[node]}@{link['frequency']}" for node in NODES for link in self.found["links"]]
        checked = {each["wiphy"]: each for each in self._relink("check", *places)["links"]}
        for radio in self.found["radios"]:
            radio["check"] = checked.get(radio["wiphy"])

    def _relink(self, *arguments: str) -> Any:
        status, printed, error = answer([self.relink, *arguments, "--json"])
        try:
            return json.loads(printed)
        except json.JSONDecodeError:
            raise CardError([error.strip() or f"relink {arguments[0]} ended with status {status}"]) from None

    def _facts(self, radio: Mapping[str, Any]) -> Json:
        """The part of a report on a radio that does not come from `relink check`. Of its interfaces, names and users only."""
        phy = radio["wiphy"]
        names = card.interfaces(phy)
        kept = ("wiphy", "driver", "regulatoryDomain", "rfkill", "monitor", "activeMonitor", "accessPoint", "ibss", "combinations", "radios")
        facts = {key: radio.get(key) for key in kept}
        return facts | {
            "vendor": (card.read(f"{card.SYSFS}/{phy}/macaddress") or "")[:8], "chip": card.chip(phy),
            "firmware": next(filter(None, map(card.firmware, names)), None), "canMove": card.can_move(run("iw", "phy", phy, "info")),
            "interfaces": [{key: each[key] for key in ("name", "mode", "up", "programs")} for each in radio["interfaces"]]}

    def refuse(self) -> None:
        """Raises CardError with all that is in the way."""
        reasons = refused_namespaces()
        for radio in self.found["radios"]:
            phy, problem = radio["wiphy"], (radio.get("check") or {}).get("problem")
            if phy == self.cards["witness"]:
                reasons += in_use(radio)
            elif not radio["canMove"]:
                reasons.append(f"{phy} can't be moved to a network namespace of its own, its driver {radio['driver']} does not offer that "
                               f"(`iw phy {phy} info` has no set_wiphy_netns); use another radio")
            elif not radio["check"] or radio["check"]["verdict"] == "unusable":
                reasons.append(f"{problem['cause']}; {problem['remedy']}" if problem else f"{phy}: relink check says nothing of it")
        if reasons:
            raise CardError(reasons)


def in_use(radio: Json) -> list[str]:
    """Who has the radio that is to be the witness: an agent does not try it, so `relink check` does not say."""
    held = [each for each in radio["interfaces"] if each["up"] or each["programs"]]
    return [f"{radio['wiphy']} is in use: {each['name']}"
            + (f" by {', '.join(program['name'] for program in each['programs'])}" if each["programs"] else " is up")
            + f"; stop what uses it and set it down (ip link set {each['name']} down)" for each in held]


def distribution() -> str | None:
    """The name of the distribution (os-release(5))."""
    for line in (card.read("/etc/os-release") or "").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip("\"'")
    return None
