"""One thing that a judge looked at."""

from dataclasses import dataclass


@dataclass
class Check:
    """One thing that must hold, whether it does, and what shows it."""

    name: str
    passed: bool
    evidence: str = ""
