"""The progress of builds."""

import io
import unittest

from lablib import building


class Terminal(io.StringIO):
    """A stream that is one."""

    def isatty(self) -> bool:
        return True


class ProgressTests(unittest.TestCase):
    def test_a_terminal_has_one_line_that_changes(self) -> None:
        stream = Terminal()
        progress = building.Progress("the agent", stream)
        for line in ("Building for production...\n", "[1/9] Compiling A\n", "[2/9] Compiling B\n"):
            progress.step(line)
        progress.end()
        first, rest = stream.getvalue().split("\n", 1)
        self.assertEqual(first, "lab: building the agent")
        self.assertEqual([part.split(",")[0].split(" in ")[0] for part in rest.split("\r")[1:]],
                         ["lab: building the agent: step 1 of 9", "lab: building the agent: step 2 of 9", "lab: built the agent"])

    def test_elsewhere_a_line_comes_now_and_then(self) -> None:
        stream = io.StringIO()
        progress = building.Progress("the agent", stream)
        for number in range(1, 5):
            if number == 3:
                progress.last -= building.PAUSE
            progress.step(f"[{number}/9] Compiling A\n")
        self.assertEqual([line.split(",")[0] for line in stream.getvalue().splitlines()],
                         ["lab: building the agent", "lab: building the agent: step 3 of 9"])

    def test_a_build_that_was_quick_says_no_more(self) -> None:
        stream = io.StringIO()
        building.Progress("the agent", stream).end()
        self.assertEqual(stream.getvalue(), "lab: building the agent\n")


if __name__ == "__main__":
    unittest.main()
