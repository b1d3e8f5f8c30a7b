"""Programs that a signal ends undo first what they have begun."""

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def end_once(number: int, _: object) -> NoReturn:
    """Signal handler: ends this process, which first puts everything back. Later signals do nothing."""
    ignore()
    raise SystemExit(128 + number)


def ignore() -> None:
    """From here on no signal interrupts."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def install() -> None:
    """Makes the signals end this process so, but for those that its caller had it ignore (nohup(1))."""
    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end_once)


def run(main: Callable[[], int]) -> NoReturn:
    """Runs a program's main function, whose result is the exit status."""
    install()
    try:
        sys.exit(main())
    except BrokenPipeError:
        # The reader of the output has enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
