"""Tests of the part of a guest's output that is shown; a shell stands for a guest."""

import unittest

from lablib.guests import boot


class BootTests(unittest.TestCase):
    def test_all_lines_but_the_kernels_last_words_are_handed_over(self) -> None:
        printed = ["@lab {}", "", "[   64.800242] reboot: Power down", "[    1.000000] Kernel panic", "a: reboot: Power down"]
        lines: list[str] = []
        boot(["printf", "%s\\r\\n", *printed], 10, lines.append)
        self.assertEqual(lines, ["@lab {}", "", "[    1.000000] Kernel panic", "a: reboot: Power down"])


if __name__ == "__main__":
    unittest.main()
