"""The package is unpacked, not installed, and its parts are asked what they are."""

import configparser
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
RELINK = ROOT / ".build/release/relink"


def run(*command: object) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def setUpModule() -> None:
    if not RELINK.exists():
        print(f"package: not tested, since {RELINK.relative_to(ROOT)} is not built", flush=True)
        raise unittest.SkipTest("no release build")


class PackageTests(unittest.TestCase):
    folder: pathlib.Path
    package: pathlib.Path
    tree: pathlib.Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.package = pathlib.Path(run(ROOT / "tools/package", "--relink", RELINK, "--out", cls.folder).splitlines()[-1])
        cls.tree = cls.folder / "tree"
        run("dpkg-deb", "-x", cls.package, cls.tree)

    def field(self, name: str) -> str:
        return run("dpkg-deb", "-f", self.package, name).strip()

    def test_its_version_is_the_programs(self) -> None:
        version = run(RELINK, "--version").strip()
        self.assertEqual(self.field("Version"), version)
        self.assertEqual(run(self.tree / "usr/bin/relink", "--version").strip(), version)

    def test_it_depends_on_the_packages_of_its_libraries(self) -> None:
        headers = run("objdump", "-p", self.tree / "usr/bin/relink").splitlines()
        libraries = {line.split()[1] for line in headers if line.strip().startswith("NEEDED")}
        self.assertIn("libpcap.so.0.8", libraries)
        self.assertEqual({name for name in libraries if "swift" in name.lower()}, set(), "Debian has no Swift libraries")
        depends = self.field("Depends")
        for package in ["libc6", "libnl-3-200", "libnl-genl-3-200", "libpcap0.8", "libssl3"]:
            self.assertIn(package, depends)

    def test_wireshark_looks_for_plugins_where_the_dissector_is(self) -> None:
        if not shutil.which("tshark"):
            self.skipTest("tshark is not there")
        folders = dict(line.split(":", 1) for line in run("tshark", "-G", "folders").splitlines() if ":" in line)
        plugins = folders["Global Lua Plugins"].strip()
        dissector = self.tree / plugins.lstrip("/") / "relink.lua"
        self.assertEqual(dissector.read_text(), (ROOT / "tools/wireshark/relink.lua").read_text())

    def test_the_service_starts_what_is_installed(self) -> None:
        unit = self.tree / "usr/lib/systemd/system/relink.service"
        commands = [line.removeprefix("ExecStart=").split() for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
        self.assertEqual([command[0] for command in commands], ["/usr/bin/relink"])
        self.assertTrue((self.tree / "etc/relink").is_dir())

    def test_networkmanager_leaves_the_agents_interfaces_alone(self) -> None:
        found = configparser.ConfigParser()
        found.read(self.tree / "usr/lib/NetworkManager/conf.d/relink.conf")
        self.assertEqual(found["keyfile"]["unmanaged-devices+"], "interface-name:relink*")

    def test_systemd_finds_nothing_wrong_with_the_service(self) -> None:
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not there")
        # The program is not installed here, so systemd is shown the unpacked one.
        unit = self.folder / "relink.service"
        text = (self.tree / "usr/lib/systemd/system/relink.service").read_text()
        unit.write_text(text.replace("/usr/bin/relink", str(self.tree / "usr/bin/relink")))
        found = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True)
        self.assertEqual([line for line in found.stderr.splitlines() if "relink.service" in line], [])
        self.assertEqual(found.returncode, 0, found.stderr)

    def test_the_agent_takes_the_example(self) -> None:
        """All but its key: one that is not there, whatever this machine has, so that no agent starts."""
        key = self.folder / "absent.key"
        example = self.folder / "relink.toml"
        text = (self.tree / "usr/share/doc/relink/examples/relink.toml").read_text()
        self.assertIn("/etc/relink/relink.key", text)
        example.write_text(text.replace('"/etc/relink/relink.key"', f'"{key}"'))
        found = subprocess.run([str(self.tree / "usr/bin/relink"), "run", str(example)], capture_output=True, text=True, timeout=60)
        self.assertEqual(found.returncode, 78, found.stderr)
        errors = [line for line in found.stderr.splitlines() if str(example) in line]
        self.assertEqual(len(errors), 1, found.stderr)
        self.assertIn(str(key), errors[0])

    def test_completions_are_of_this_command(self) -> None:
        for path in ["bash-completion/completions/relink", "zsh/vendor-completions/_relink", "fish/vendor_completions.d/relink.fish"]:
            self.assertIn("report", (self.tree / "usr/share" / path).read_text(), path)

    def test_all_of_it_belongs_to_root_and_nobody_else_may_write(self) -> None:
        for line in run("dpkg-deb", "-c", self.package).splitlines():
            mode, owner = line.split()[:2]
            self.assertEqual(owner, "root/root", line)
            self.assertNotIn("w", mode[4:], line)

    def test_a_program_that_is_not_there_is_named(self) -> None:
        absent = self.folder / "absent"
        found = subprocess.run([str(ROOT / "tools/package"), "--relink", str(absent)], capture_output=True, text=True, env=os.environ)
        self.assertEqual(found.returncode, 1)
        self.assertIn(str(absent), found.stderr)
