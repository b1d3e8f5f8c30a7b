"""A link is lost once under a session; and a receiver that forgot everything."""

import signal

from ..checked import Check
from ..evidence import ADDBA_RESPONSE, DELBA, Evidence
from ..guest import config
from ..guest.config import INITIATOR, RECEIVER
from ..guest.stage import Stage
from ..judging import FOREVER, Checks, established, link_lost, text
from ..scenario import ACKNOWLEDGMENTS, RADIOS, scenario

UNKNOWN_SESSION = "unknownSession"


@scenario("up-but-dead", "link 1 goes deaf while its interfaces stay up; the session is rebuilt on link 2", judged=link_lost,
          captured=ACKNOWLEDGMENTS, kept_protected=("mac",), securities=("psk", "open"), acknowledgments=RADIOS)
def up_but_dead(stage: Stage) -> None:
    stage.establish()
    at = stage.act("loss", "link 1 goes deaf, its interfaces stay up", stage.air.deafen, config.INITIATOR, 1)
    rebuilt(stage, at)


@scenario("interface-down", "the initiator's interface on link 1 is set down; the session is rebuilt on link 2", judged=link_lost,
          on_qemu=True, kept_protected=("frame",), acknowledgments=ACKNOWLEDGMENTS)
def interface_down(stage: Stage) -> None:
    stage.establish()
    at = stage.act("loss", "link 1's interface is set down at agent a",
                   stage.air.interface_down, config.INITIATOR, config.interface(1))
    rebuilt(stage, at)


def rebuilt(stage: Stage, at: int) -> None:
    """Events that follow the loss of link 1, however it was lost."""
    stage.wait(stage.initiator, "rebuilt", since=at)
    stage.wait(stage.receiver, "rebuilt", since=at)
    stage.finish()


@scenario("receiver-restarted", "the receiver is killed and starts knowing nothing; the session is established anew",
          captured=ACKNOWLEDGMENTS, kept_protected=("mac",), securities=("psk", "open"))
def receiver_restarted(stage: Stage) -> None:
    stage.establish()
    at = stage.act("kill", "agent b is killed (SIGKILL)", stage.receiver.stop, signal.SIGKILL)
    stage.start(stage.receiver)
    stage.wait(stage.initiator, "establishedAnew", since=at)
    stage.wait(stage.receiver, "established", "establishedAnew", since=at)
    stage.finish()


@receiver_restarted.judge
def judge_restarted(evidence: Evidence) -> Checks:
    """The receiver knows nothing any more: refused, established anew, no hand needed."""
    yield from established(evidence)
    kill = evidence.done("kill")
    first = evidence.event(INITIATOR, "established") or {}
    refused = evidence.event(INITIATOR, "refused", since=kill)
    anew = evidence.event(INITIATOR, "establishedAnew", since=kill)
    there = evidence.event(RECEIVER, "established", since=kill)
    yield Check("the receiver refused: it does not know the session",
                refused is not None and refused["cause"] == UNKNOWN_SESSION and refused["session"] == first.get("session"), str(refused))
    yield Check("a new session was established at both ends", anew is not None and there is not None and anew["session"] == there["session"]
                and anew["session"] != first.get("session"), f"initiator: {anew}, receiver: {there}")
    refusals = [frame for frame in evidence.session_frames(kill, FOREVER) if frame.sender() == RECEIVER
                and (frame.action == DELBA or (frame.action == ADDBA_RESPONSE and frame.status))]
    yield Check("on the air: the receiver's refusal", bool(refusals), text(evidence.session_frames(kill, FOREVER)))
