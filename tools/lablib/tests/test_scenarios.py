"""A scenario has one place: a file that is found by its being there, with a judge, and that nothing else names."""

import inspect
import os
import re
import sys
import tempfile
import unittest
from pathlib import Path

from lablib import scenarios
from lablib.evidence import Evidence
from lablib.paths import ROOT
from lablib.scenario import RADIOS, SCENARIOS, SECURITIES, discover, scenario
from lablib.series import SERIES

NEWCOMER = '''
from ..checked import Check
from ..scenario import scenario


@scenario("newcomer", "nothing is done")
def newcomer(stage):
    stage.note("done", True)


@newcomer.judge
def judge_newcomer(evidence):
    yield Check("it was done", evidence.record["notes"]["done"])
'''
# Where a scenario may be named: its own file, and what is called after it (recordings of it, and the tests that read them).
RECORDINGS = "Tests/ReplayTests"
SAID = re.compile(r"scenarios?(\.name|[\"']?\])?[\"']?\s*(==|!=|=|:|in\b)")
SUFFIXES = {".py", ".swift", ".c", ".h", ".lua", ""}


def mentions(text: str, names: list[str]) -> list[str]:
    """The scenarios that a source names. Names of several words are always meant. Those of one word are ordinary words, too: they name
    a scenario where it is said so (`scenario == "…"`), beside another one's name, and where a shell script has `tools/lab` play it."""
    found = []
    for line in text.splitlines():
        quoted = [name for name in names if re.search(rf"""["']{re.escape(name)}["']""", line)]
        found += [name for name in quoted if "-" in name or len(quoted) > 1 or SAID.search(line)]
        if text.startswith("#!/bin/bash") and "tools/lab " in line:
            found += [name for name in names if name in line.split()]
    return found


def sources() -> list[Path]:
    """The sources of the repository's own that could name a scenario."""
    files = [path for folder in ("tools", "Tests", "Sources", ".ci") for path in Path(ROOT, folder).rglob("*")]
    # Programs leave caches beside them.
    return [path for path in files if path.is_file() and path.suffix in SUFFIXES and not re.search(r"/(__pycache__|\.[a-z_]+cache)/", str(path))]


class ScenarioTests(unittest.TestCase):
    def test_every_scenario_has_a_judge(self) -> None:
        found = discover()
        self.assertGreater(len(found), 40)
        for name, each in found.items():
            self.assertIsNotNone(each.judged, f"{name} has no judge")

    def test_every_scenario_states_what_there_is(self) -> None:
        for name, each in discover().items():
            kinds = (*each.acknowledgments, *each.captured, *each.kept_protected)
            self.assertTrue(each.acknowledgments and set(kinds) <= set(RADIOS), name)
            self.assertTrue(each.securities and set(each.securities) <= set(SECURITIES), name)
            self.assertTrue(each.is_kept or not each.kept_protected, name)

    def test_the_sample_plays_each_scenario_on_each_kernel(self) -> None:
        for each in discover().values():
            first, other = each.sample(SERIES[0]), each.sample(SERIES[1])
            self.assertEqual({kind for kind, _ in first + other}, set(each.acknowledgments), each.name)
            self.assertEqual({security for _, security in first}, set(each.securities), each.name)
            self.assertEqual(len(other), 1, each.name)

    def test_a_file_that_is_put_there_is_found(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "newcomer.py").write_text(NEWCOMER)
            self.assertNotIn("newcomer", discover())
            scenarios.__path__.append(folder)
            try:
                found = discover()["newcomer"]
                assert found.judged is not None
                [check] = found.judged(Evidence({"notes": {"done": True}}, {}, []))
                self.assertEqual((found.summary, check.passed), ("nothing is done", True))
            finally:
                scenarios.__path__.remove(folder)
                SCENARIOS.pop("newcomer", None)
                sys.modules.pop("lablib.scenarios.newcomer", None)
        self.assertNotIn("newcomer", discover())

    def test_no_two_have_the_same_name(self) -> None:
        name = next(iter(discover()))
        with self.assertRaisesRegex(ValueError, f"two scenarios are called {name}"):
            scenario(name, "another one")(lambda stage: None)

    def test_a_scenario_is_named_in_its_own_file_alone(self) -> None:
        own = {name: Path(inspect.getfile(each.play)) for name, each in discover().items()}
        files = sources()
        self.assertTrue(set(own.values()) <= set(files))
        for path in files:
            place = os.path.relpath(path, ROOT)
            if not place.startswith(RECORDINGS):
                names = [name for name in own if own[name] != path]
                self.assertEqual(mentions(path.read_text(), names), [], place)


class MentionTests(unittest.TestCase):
    NAMES = ["quiet-loss", "pong", "look"]

    def test_what_names_a_scenario(self) -> None:
        for text in ('Run("quiet-loss")', "record['scenario'] == 'pong'", '"scenario": "pong"', 'scenario.name == "pong"', 'scenarios = ["look"]',
                     'PLAYED = ("pong", "look")', "#!/bin/bash\ntools/lab pong --logs"):
            self.assertTrue(mentions(text, self.NAMES), text)

    def test_what_is_an_ordinary_word(self) -> None:
        for text in ('busybox("pong")', "# pong: as in quiet-loss", "relink look pong", 'plan["look"], scenario.medium', '"pong-frame"',
                     "tools/lab pong"):
            self.assertEqual(mentions(text, self.NAMES), [], text)


if __name__ == "__main__":
    unittest.main()
