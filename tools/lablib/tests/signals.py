"""Signals to programs that tests start."""

import signal
import unittest

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def heed_signals() -> None:
    """While the tests of a module run, programs that they start ignore no signal that ends them, though whoever runs the tests may: a shell has
    programs in the background ignore SIGINT, and nohup(1) SIGHUP. To be called by setUpModule."""
    for number in ENDING:
        before = signal.getsignal(number)
        signal.signal(number, signal.default_int_handler)
        unittest.addModuleCleanup(signal.signal, number, before)
