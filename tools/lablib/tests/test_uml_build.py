"""The build of the lab's kernel, with small programs in place of apt-get, dpkg and make."""

import fcntl
import io
import os
import select
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
from unittest import mock

from lablib import uml, uml_build
from lablib.paths import ROOT
from lablib.series import SERIES
from lablib.tests.signals import heed_signals

TOOLS = os.path.join(ROOT, "tools")
MERGE = '#!/bin/sh\ncat "$3" >> "$2"\n'
PROGRAMS = {
    # Offers the version that the file "version" names; fetches it, unless lists must be made new before.
    "apt-cache": 'grep . "$FAKE/version" | sed "s/^/Version: /"',
    "apt-get": '''echo "apt-get $*" >> "$FAKE/calls"
case "$*" in
*update*) cp "$FAKE/offered" "$FAKE/version" ;;
*download*) [ "$(cat "$FAKE/version")" = "$(cat "$FAKE/offered")" ] && touch "linux-source_$(cat "$FAKE/version")_all.deb" ;;
esac''',
    "sudo": '"$@"',
    "dpkg": 'mkdir -p "$3/usr/src" && cp "$FAKE"/linux-source-*.tar.xz "$3/usr/src"',
    # "pause" and "resume" are pipes: opening one waits until the test opens it, too.
    "make": '''echo "make $*" >> "$FAKE/calls"
case "$*" in
*allnoconfig*) : > .config ;;
*olddefconfig*) [ ! -e "$FAKE/drop" ] || sed -i "/$(cat "$FAKE/drop")/d" .config ;;
*modules_install*)
    for word; do case $word in INSTALL_MOD_PATH=*) out=${word#*=} ;; esac; done
    mkdir -p "$out/lib/modules/6.1.9" && ln -s /nowhere "$out/lib/modules/6.1.9/build"
    echo "kernel/tun.ko:" > "$out/lib/modules/6.1.9/modules.dep"; : > "$out/lib/modules/6.1.9/modules.builtin" ;;
*)
    echo "  CC      init/main.o"
    if [ -e "$FAKE/pause" ]; then echo $$ > "$FAKE/pause"; read -r line < "$FAKE/resume"; fi
    [ ! -e "$FAKE/broken" ] || { echo "main.c: error: broken"; exit 2; }
    mkdir -p include/config && echo 6.1.9 > include/config/kernel.release && echo program > linux ;;
esac''',
}


def setUpModule() -> None:
    heed_signals()


class BuildTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.fake = os.path.join(folder.name, "fake")
        self.kernels = os.path.join(folder.name, "relink", "kernels")
        programs = os.path.join(folder.name, "programs")
        os.makedirs(self.fake)
        os.makedirs(programs)
        for name, script in PROGRAMS.items():
            self.write(os.path.join(programs, name), f"#!/bin/sh\n{script}\n")
        for series in SERIES:
            tree = os.path.join(folder.name, f"linux-source-{series}")
            self.write(os.path.join(tree, "scripts", "kconfig", "merge_config.sh"), MERGE)
            with tarfile.open(os.path.join(self.fake, f"linux-source-{series}.tar.xz"), "w:xz") as archive:
                archive.add(tree, f"linux-source-{series}")
        self.put("version", "6.1.9-1")
        self.put("offered", "6.1.9-1")
        self.environment = {**os.environ, "FAKE": self.fake, "XDG_CACHE_HOME": folder.name, "PATH": f"{programs}:{os.environ['PATH']}"}

    def write(self, path: str, text: str) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def put(self, name: str, text: str = "") -> None:
        self.write(os.path.join(self.fake, name), text + "\n")

    def calls(self, word: str) -> list[str]:
        try:
            with open(os.path.join(self.fake, "calls")) as file:
                return [line.strip() for line in file if word in line]
        except FileNotFoundError:
            return []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        builder = subprocess.Popen([sys.executable, "-m", "lablib.uml_build", *arguments], cwd=TOOLS, env=self.environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(builder.kill)
        return builder

    def play(self, *arguments: str, status: int = 0) -> str:
        """The output of a builder, with that on standard error."""
        builder = self.start(*arguments)
        printed, errors = builder.communicate(timeout=60)
        self.assertEqual(builder.returncode, status, printed + errors)
        return printed + errors

    def start_and_pause(self) -> tuple[subprocess.Popen[str], int]:
        """A builder whose make runs and waits, and that make's process."""
        for name in ("pause", "resume"):
            os.mkfifo(os.path.join(self.fake, name))
        builder = self.start("6.1")
        with open(os.path.join(self.fake, "pause")) as pipe:
            make = int(pipe.readline())
        os.unlink(os.path.join(self.fake, "pause"))
        return builder, make

    def interrupt(self, number: int) -> tuple[int, list[str]]:
        """Interrupts a builder while its make runs, which must end, too. The builder's status, and what it leaves."""
        builder, make = self.start_and_pause()
        watched = os.pidfd_open(make)
        self.addCleanup(os.close, watched)
        builder.send_signal(number)
        printed, errors = builder.communicate(timeout=60)
        self.assertNotIn("Traceback", printed + errors)
        # A process that has ended can be read from.
        self.assertEqual(select.select([watched], [], [], 60)[0], [watched])
        os.unlink(os.path.join(self.fake, "resume"))
        return builder.returncode, self.left()

    def left(self) -> list[str]:
        return sorted(name for name in os.listdir(self.kernels) if name != "lock")

    def test_a_build_leaves_the_program_its_modules_and_nothing_else(self) -> None:
        printed = self.play("6.1")
        key = uml.configuration_hash(uml.wanted_configuration())
        self.assertEqual(self.left(), [f"6.1-6.1.9-1-{key}"])
        kernel = uml.UML("6.1", self.kernels)
        self.assertEqual((kernel.release, kernel.ready.package, kernel.ready.configuration), ("6.1.9", "6.1.9-1", key))
        self.assertEqual(sorted(os.listdir(kernel.folder)), ["lib", "linux", "ready"])
        self.assertEqual(sorted(os.listdir(kernel.directory())), ["modules.builtin", "modules.dep"])
        self.assertEqual(kernel.modules(["tun"]), {"kernel/tun.ko": []})
        for part in ("six minutes", "fetching linux-source-6.1 6.1.9-1", "6.1.9 built in"):
            self.assertIn(part, printed)

    def test_what_is_built_is_not_built_again_though_lists_offer_a_newer_version(self) -> None:
        self.play("6.1")
        before = self.calls("")
        self.put("offered", "6.1.10-1")
        self.put("version", "6.1.10-1")
        self.assertIn("6.1.9 of linux-source-6.1 6.1.9-1", self.play("6.1"))
        self.assertEqual(self.calls(""), before)

    def test_an_update_builds_a_newer_version_once(self) -> None:
        self.play("6.1")
        self.put("offered", "6.1.10-1")
        self.play("--update", "6.1")
        self.assertEqual(uml.UML("6.1", self.kernels).ready.package, "6.1.10-1")
        before = self.calls("make")
        self.play("--update", "6.1")
        self.assertEqual(self.calls("make"), before)

    def test_each_series_is_a_kernel_of_its_own(self) -> None:
        self.play("6.1", "6.12")
        folders = {uml.UML(series, self.kernels).folder for series in SERIES}
        self.assertEqual(len(folders), 2)

    def test_lists_that_are_too_old_or_empty_are_made_new(self) -> None:
        for series, version in (("6.1", "6.1.8-1"), ("6.12", "")):
            with self.subTest(version=version):
                self.put("version", version)
                self.assertIn("updating the package lists", self.play(series))
                self.assertEqual(uml.UML(series, self.kernels).ready.package, "6.1.9-1")

    def test_a_package_that_apt_does_not_offer_is_named(self) -> None:
        self.put("offered", "")
        self.put("version", "")
        self.assertIn("apt offers no linux-source-6.12", self.play("6.12", status=1))
        self.assertEqual(self.calls("make"), [])

    def test_an_option_that_does_not_take_effect_is_named_and_nothing_is_built(self) -> None:
        self.put("drop", "CONFIG_MAC80211_HWSIM=")
        self.assertIn("does not take these options of tools/lablib/kernel.config: CONFIG_MAC80211_HWSIM=m\n", self.play("6.1", status=1))
        self.assertEqual(self.calls("-j"), [])
        self.assertEqual(self.left(), ["failed-6.1.log"])

    def test_a_build_that_fails_leaves_its_log_and_nothing_ready(self) -> None:
        self.put("broken")
        printed = self.play("6.1", status=1)
        self.assertIn("main.c: error: broken", printed)
        self.assertIn(os.path.join(self.kernels, "failed-6.1.log"), printed)
        self.assertEqual(self.left(), ["failed-6.1.log"])

    def test_an_interrupted_build_leaves_nothing_and_the_next_one_starts_again(self) -> None:
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(signal=number.name):
                self.assertEqual(self.interrupt(number), (status, []))
        self.play("6.1")
        self.assertEqual(uml.UML("6.1", self.kernels).release, "6.1.9")

    def test_a_build_that_is_killed_leaves_nothing_ready_and_the_next_one_clears_it_away(self) -> None:
        status, [left] = self.interrupt(signal.SIGKILL)
        self.assertEqual((status, left[:9]), (-signal.SIGKILL, "building-"))
        self.assertIsNone(uml.built("6.1", uml.configuration_hash(uml.wanted_configuration()), self.kernels))
        self.play("6.1")
        self.assertEqual([name[:10] for name in self.left()], ["6.1-6.1.9-"])

    def test_a_second_builder_says_so_waits_and_finds_what_the_first_one_built(self) -> None:
        first, _ = self.start_and_pause()
        second = self.start("6.1")
        assert second.stdout is not None
        self.assertEqual(second.stdout.readline(), "setup: another tools/setup is building a kernel; waiting for it\n")
        self.put("resume")
        self.assertIn("built in", first.communicate(timeout=60)[0])
        self.assertIn("6.1.9 of linux-source-6.1", second.communicate(timeout=60)[0])
        self.assertEqual(len(self.calls("-j")), 1)

    def test_the_lock_is_free_afterwards(self) -> None:
        self.play("6.1")
        with open(os.path.join(self.kernels, "lock"), "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Screen(io.StringIO):
    """Standard output that is a terminal."""

    def isatty(self) -> bool:
        return True


class ProgressTests(unittest.TestCase):
    def shown(self, output: io.StringIO, steps: int) -> str:
        with mock.patch.object(sys, "stdout", output), mock.patch.object(time, "monotonic", return_value=5.0):
            progress = uml_build.Progress("6.1")
            for _ in range(steps):
                progress.step()
            progress.end()
        return output.getvalue()

    def test_a_log_gets_a_line_for_each_tenth(self) -> None:
        lines = [f"setup: kernel 6.1: {percent}% after 0 s\n" for percent in range(10, 100, 10)]
        self.assertEqual(self.shown(io.StringIO(), uml_build.STEPS["6.1"] + 50), "".join(lines))

    def test_a_terminal_has_one_line_that_ends_with_the_build(self) -> None:
        shown = self.shown(Screen(), uml_build.STEPS["6.1"] // 50)
        self.assertEqual(shown, "\rsetup: kernel 6.1: 1% after 0 s\033[K\n")


class OptionTests(unittest.TestCase):
    def test_what_was_refused_is_told(self) -> None:
        wanted = "CONFIG_A=y\nCONFIG_B=m\nCONFIG_C=y\n# CONFIG_D is not set\n# CONFIG_E is not set\n"
        actual = "CONFIG_A=y\nCONFIG_B=y\n# CONFIG_C is not set\nCONFIG_D=y\n"
        self.assertEqual(uml_build.refused_options(wanted, actual), ["CONFIG_B=m", "CONFIG_C=y", "CONFIG_D=n"])


if __name__ == "__main__":
    unittest.main()
