"""Judges the scenario `keys`: both ends say what is wrong, with what to do about it, and then understand each other."""

from .checked import Check
from .guest.config import INITIATOR, RECEIVER

A, B = INITIATOR, RECEIVER
# What each end must have said, in the sentence for people.
SAID = {
    "wrongKey": {A: "it uses another key", B: "it uses another key"},
    "noKey": {A: "it does not protect its frames", B: "this device has no key for it"},
    "unknownPeer": {A: "it does not answer", B: "its radio is none of a peer of this device"},
    "versionMismatch": {A: "it speaks another version of the protocol", B: "it speaks another version of the protocol"},
}
# Who has a stranger for a peer does not hear that one either.
UNKNOWN, SILENT = "unknownPeer", "it does not answer"
UNUSABLE = 78


def keys(evidence):
    """Each way not to have keys; in the end there are some."""
    told = evidence.record["notes"]["said"]
    for case, said in SAID.items():
        for node, words in said.items():
            heard = [line for line in told[case][node].splitlines() if "no keys with" in line]
            yield Check(f"{case}: agent {node} says \"{words}\"", any(words in line for line in heard), "; ".join(heard) or "nothing")
            others = [line for line in heard if words not in line and not (case == UNKNOWN and SILENT in line)]
            yield Check(f"{case}: agent {node} says nothing else", not others, "; ".join(others))
    for node, end in told["readable"].items():
        yield Check(f"readable: agent {node} does not start, and says what to do",
                    end["status"] == UNUSABLE and "open to others (mode 644)" in end["said"] and "chmod 600" in end["said"], str(end))
    start = evidence.record["actions"][-1]["monotonicNanoseconds"]
    for node in (A, B):
        alive = [event for event in evidence.events[node] if event["event"] == "established" and event["monotonicNanoseconds"] < start]
        yield Check(f"in the end agent {node} has a session, and had none before", len(alive) == 1, str(alive))


SCENARIOS = {"keys": keys}
