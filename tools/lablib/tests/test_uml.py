"""Which kernel is found, which modules it needs, and where its memory can be."""

import mmap
import os
import tempfile
import unittest
from unittest import mock

from lablib import uml
from lablib.paths import LabError

HASH = uml.configuration_hash(uml.wanted_configuration())


class ConfigurationTests(unittest.TestCase):
    def test_comments_and_order_do_not_count(self) -> None:
        first = uml.configuration_hash("# Why\nCONFIG_A=y\n\n# CONFIG_B is not set\n")
        self.assertEqual(first, uml.configuration_hash("# CONFIG_B is not set\nCONFIG_A=y\n# Another reason\n"))

    def test_every_option_and_its_value_count(self) -> None:
        texts = ["", "CONFIG_A=y\n", "CONFIG_A=m\n", "# CONFIG_A is not set\n", "CONFIG_A=y\nCONFIG_B=y\n", 'CONFIG_A="y z"\n']
        self.assertEqual(len({uml.configuration_hash(text) for text in texts}), len(texts))

    def test_each_line_of_the_configuration_is_an_option_or_a_comment(self) -> None:
        text = uml.wanted_configuration()
        written = [line for line in text.splitlines() if line.startswith("CONFIG_") or line.endswith(" is not set")]
        self.assertEqual(len(written), len(uml.options(text)))
        self.assertEqual([line for line in text.splitlines() if line and line not in written and not line.startswith("# ")], [])


class KernelTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.kernels = folder.name

    def add(self, name: str, series: str = "6.1", configuration: str = HASH, built: int = 1, ready: bool = True) -> str:
        folder = os.path.join(self.kernels, name)
        modules = os.path.join(folder, "lib", "modules", "6.1.9")
        os.makedirs(modules)
        with open(os.path.join(modules, "modules.dep"), "w") as file:
            file.write("kernel/net/mesh-b.ko: kernel/lib/crc16.ko kernel/lib/base.ko\nkernel/lib/crc16.ko: kernel/lib/base.ko\n"
                       "kernel/lib/base.ko:\nkernel/net/tun.ko:\n")
        with open(os.path.join(modules, "modules.builtin"), "w") as file:
            file.write("kernel/net/sched/sch_netem.ko\nkernel/crypto/crc32c-generic.ko\n")
        if ready:
            uml.Ready(series, "6.1.9", f"6.1.9-{built}", configuration, built, 300).write(folder)
        return folder

    def test_the_kernel_of_the_series_and_configuration_that_was_built_last_is_taken(self) -> None:
        self.add("old", built=1)
        newest = self.add("a-newer-one", built=7)
        self.add("other-configuration", configuration="0" * 12, built=8)
        self.add("other-series", series="6.12", built=9)
        kernel = uml.UML("6.1", self.kernels)
        self.assertEqual(kernel.program, os.path.join(newest, "linux"))
        self.assertEqual(kernel.directory(), os.path.join(newest, "lib", "modules", "6.1.9"))
        self.assertEqual(kernel.identity, {"kind": "User-mode Linux", "series": "6.1", "release": "6.1.9",
                                           "package": "linux-source-6.1 6.1.9-7", "configuration": HASH})

    def test_what_is_not_finished_is_not_a_kernel(self) -> None:
        self.add("building-x", series="6.12", ready=False)
        with open(os.path.join(self.add("damaged", series="6.12"), "ready"), "w") as file:
            file.write('{"series": "6.12"')
        for kernels in (self.kernels, os.path.join(self.kernels, "none")):
            with self.assertRaisesRegex(LabError, r"run tools/setup --kernels 6\.12$"):
                uml.UML("6.12", kernels)

    def test_modules_come_with_what_they_need_and_without_what_is_built_in(self) -> None:
        self.add("one")
        found = uml.UML("6.1", self.kernels).modules(["sch_netem", "mesh_b", "crc32c_generic", "tun", "crc16"])
        self.assertEqual(found, {"kernel/net/mesh-b.ko": ["kernel/lib/crc16.ko", "kernel/lib/base.ko"],
                                 "kernel/lib/crc16.ko": ["kernel/lib/base.ko"], "kernel/lib/base.ko": [], "kernel/net/tun.ko": []})

    def test_a_module_that_the_kernel_has_not_is_named(self) -> None:
        self.add("one")
        with self.assertRaisesRegex(LabError, r"6\.1\.9 has no module virtio_pci"):
            uml.UML("6.1", self.kernels).modules(["tun", "virtio_pci"])


class CacheTests(unittest.TestCase):
    def test_the_cache_is_where_xdg_says(self) -> None:
        self.assertEqual(uml.cache_folder({"XDG_CACHE_HOME": "/elsewhere"}), "/elsewhere/relink")
        environments: list[dict[str, str]] = [{}, {"XDG_CACHE_HOME": ""}, {"XDG_CACHE_HOME": "relative"}]
        for environment in environments:
            self.assertEqual(uml.cache_folder(environment), os.path.expanduser("~/.cache/relink"))


class MemoryTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def chosen(self, refused: dict[str, str]) -> str:
        with mock.patch.object(uml, "refusal", lambda folder, _: refused.get(folder)):
            return uml.memory_folder(64 << 20, {"TMPDIR": "/given", "XDG_CACHE_HOME": "/cache"})

    def test_memory_comes_before_disks_and_what_was_given_before_the_rest(self) -> None:
        order = ["/dev/shm", "/given", "/cache/relink", "/tmp"]
        for number, folder in enumerate(order):
            self.assertEqual(self.chosen({each: "is bad" for each in order[:number]}), folder)

    def test_where_nothing_will_do_each_reason_and_the_remedy_is_told(self) -> None:
        with self.assertRaises(LabError) as raised:
            self.chosen({"/dev/shm": "is small", "/given": "is bad", "/cache/relink": "is not", "/tmp": "is full"})
        for part in ("/dev/shm is small; /given is bad; /cache/relink is not; /tmp is full", "Set TMPDIR", "64 MiB"):
            self.assertIn(part, str(raised.exception))

    def test_a_folder_with_room_that_allows_execution_will_do(self) -> None:
        self.assertIsNone(uml.refusal(self.folder, 4096))
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_folder_without_room_will_not(self) -> None:
        self.assertRegex(uml.refusal(self.folder, 1 << 60) or "", r"^has \d+ MiB free of 1099511627776$")

    def test_a_folder_that_is_not_there_will_not(self) -> None:
        self.assertEqual(uml.refusal(os.path.join(self.folder, "none"), 4096), "can't be written to (No such file or directory)")

    def test_a_folder_that_forbids_execution_will_not(self) -> None:
        # Fails as mmap does on a file system that is mounted noexec, which only root can mount.
        def map_without_execution(*_: object, prot: int) -> None:
            if prot & mmap.PROT_EXEC:
                raise PermissionError(1, "Operation not permitted")

        with mock.patch.object(mmap, "mmap", map_without_execution):
            self.assertEqual(uml.refusal(self.folder, 4096), "forbids execution (noexec)")


if __name__ == "__main__":
    unittest.main()
