"""The two devices give their links each other's IDs."""

from ..checked import Check
from ..evidence import Evidence
from ..guest.stage import Stage
from ..judging import NODES, Checks
from ..scenario import ACKNOWLEDGMENTS, scenario

# The event that both ends must report, and what it says.
EVENT, FIELD, LINK_ID = "peerDisagrees", "cause", "linkMismatch"
# A disagreement is reported as soon as a frame shows it, so well within this many seconds.
LASTS = 4
# A report that is repeated without end is none.
MOST = 8


def exchange(text: str) -> str:
    """A configuration in which links 1 and 2 have each other's IDs; radios, channels, addresses and interfaces stay."""
    exchanged = {"id = 1": "id = 2", "id = 2": "id = 1"}
    return "\n".join(exchanged.get(line, line) for line in text.split("\n"))


@scenario("exchanged-ids", "what is link 1 at one device is link 2 at the other; both report it", acknowledgments=ACKNOWLEDGMENTS, records=False,
          securities=("psk", "open"))
def exchanged_ids(stage: Stage) -> None:
    path = stage.receiver.path + ".toml"
    with open(path) as file:
        text = file.read()
    with open(path, "w") as file:
        file.write(exchange(text))
    stage.start(stage.receiver)
    stage.start(stage.initiator)
    stage.act("disagree", f"the agents run for {LASTS} s", stage.pause, LASTS)
    stage.finish()


@exchanged_ids.judge
def judge_exchanged_ids(evidence: Evidence) -> Checks:
    """Both ends say what is wrong, about both links, and not again and again."""
    told = {}
    for node in NODES:
        events = [event for event in evidence.events[node] if event["event"] == EVENT and event.get(FIELD) == LINK_ID]
        told[node] = len(events)
        links = sorted({event.get("link", 0) for event in events})
        yield Check(f"agent {node} reports that the IDs of links 1 and 2 differ", links == [1, 2], str(events)[:200] or "nothing")
        yield Check(f"agent {node} reports it {MOST} times at most", len(events) <= MOST, str(len(events)))
        wrong = [event for event in evidence.events[node] if event["event"] == EVENT and event.get(FIELD) != LINK_ID]
        yield Check(f"agent {node} reports no other disagreement", not wrong, str(wrong)[:200])
    evidence.record["notes"]["told"] = f"reports: {told}"
