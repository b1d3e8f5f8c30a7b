"""Where things are."""

import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CACHE = os.path.join(ROOT, ".cache")
LIBRARY = os.path.dirname(os.path.abspath(__file__))


class LabError(Exception):
    """The lab can't do what it was asked for; the message says what to do about it."""
