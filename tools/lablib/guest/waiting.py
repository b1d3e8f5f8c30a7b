"""Waiting for something to become true, with a limit and never by sleeping long enough."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Timeout(Exception):
    """What was waited for did not happen in time."""


def wait_until(condition: Callable[[], T | None], seconds: float, what: str, step: float = 0.02) -> T:
    """Returns the first true value of `condition()`, tried every `step` seconds."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout(f"after {seconds} s still waiting until {what}")
        time.sleep(step)
