"""The guest's file system: busybox, a few programs with their libraries, some kernel modules, Python, the agent."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterable, Mapping
from typing import Protocol

from .paths import LIBRARY, LabError

PROGRAMS = ("ip", "tc", "iw", "tcpdump", "hostapd", "wpa_supplicant", "iperf3")
MODULES = ("mac80211_hwsim", "sch_netem", "tun", "bonding", "batman_adv", "crc32c_generic")
QEMU_MODULES = (*MODULES, "virtio_pci", "9pnet_virtio", "9p")
APPLETS = ("sh", "mount", "modprobe", "poweroff", "mkdir", "ln", "cat", "ls")
FIRMWARE = ("regulatory.db", "regulatory.db.p7s")
# Python with the driver: no site packages, no writing of compiled modules, and the same hashes in every run.
DRIVER = ("PYTHONHASHSEED=0 python3 -S -B -c 'import sys; sys.path.insert(0, \"/lab\"); from lablib.guest.driver import main; "
          "sys.exit(main(\"/lab/out/plan.json\"))'")
SEARCH_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

INIT = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t debugfs debugfs /sys/kernel/debug
echo 3 > /proc/sys/kernel/printk
modprobe tun
{mount}
ip link set lo up
{command}
poweroff -f
"""
# Commands with which a guest mounts the folder of this machine that it leaves its evidence in.
QEMU_MOUNT = """modprobe virtio_pci
modprobe 9pnet_virtio
modprobe 9p
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 lab /lab/out || poweroff -f"""
# The kernel hands words of its command line that it does not understand to init, as variables.
UML_MOUNT = 'mount -t hostfs -o "$lab_out" none /lab/out || poweroff -f'


class Modules(Protocol):
    """A kernel, as far as a guest's file system needs to know it."""

    @property
    def release(self) -> str: ...
    def directory(self) -> str: ...
    def modules(self, names: Iterable[str]) -> dict[str, list[str]]: ...


class Archive:
    """A cpio archive in the kernel's format (Documentation/driver-api/early-userspace/buffer-format.rst, "newc")."""

    def __init__(self) -> None:
        # Mode, content and time of modification, by path.
        self._entries: dict[str, tuple[int, bytes, int]] = {}

    def add_text(self, path: str, text: str, executable: bool = False) -> None:
        """A file with this text."""
        self._add(path, stat.S_IFREG | (0o755 if executable else 0o644), text.encode(), 0)

    def add_file(self, source: str, path: str | None = None) -> None:
        """A copy of a file, under its own path or another. The time stays: Python's compiled modules depend on it."""
        status = os.stat(source)
        with open(source, "rb") as file:
            self._add(path or source, stat.S_IFREG | stat.S_IMODE(status.st_mode), file.read(), int(status.st_mtime))

    def add_link(self, path: str, target: str) -> None:
        """A symbolic link."""
        self._add(path, stat.S_IFLNK | 0o777, target.encode(), 0)

    def add_folder(self, path: str) -> None:
        """A folder, with those it is in."""
        path = os.path.normpath(path)
        if path in ("/", "."):
            return
        self.add_folder(os.path.dirname(path))
        self._entries.setdefault(path, (stat.S_IFDIR | 0o755, b"", 0))

    def add_program(self, path: str) -> None:
        """A program with the libraries that it is linked with; a script alone."""
        real = os.path.realpath(path)
        self.add_file(real)
        if real != path:
            self.add_link(path, real)
        for library in libraries(real):
            self.add_file(library)

    def _add(self, path: str, mode: int, content: bytes, time: int) -> None:
        # /lib and the like may be links into /usr, which the guest has too.
        path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        if path in self._entries and stat.S_ISREG(mode):
            return
        self.add_folder(os.path.dirname(path))
        self._entries[path] = (mode, content, time)

    def write(self, path: str) -> None:
        """Writes the archive."""
        with open(path, "wb") as file:
            for number, (name, entry) in enumerate([*sorted(self._entries.items()), ("/TRAILER!!!", (0, b"", 0))], 1):
                mode, content, time = entry
                encoded = name[1:].encode() + b"\0"
                fields = (number, mode, 0, 0, 1, time, len(content), 0, 0, 0, 0, len(encoded), 0)
                header = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
                file.write(header + bytes(-len(header) % 4) + content + bytes(-len(content) % 4))


def libraries(program: str) -> list[str]:
    """What the dynamic linker loads for a program."""
    with open(program, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return []
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    if "not found" in listed:
        raise LabError(f"{program} needs a library that is not here:\n{listed}")
    return [word for line in listed.splitlines() for word in line.split() if word.startswith("/")]


def program(name: str) -> str:
    """Where a program is."""
    path = shutil.which(name, path=SEARCH_PATH)
    if not path:
        raise LabError(f"{name} is not installed; run tools/setup")
    return path


def base(kernel: Modules, names: Iterable[str]) -> Archive:
    """What every guest has: an Archive with busybox and the kernel's modules in it."""
    archive = Archive()
    for folder in ("/proc", "/sys", "/dev", "/run", "/tmp", "/root", "/lab/out", "/var/run"):
        archive.add_folder(folder)
    for link in ("/bin", "/sbin", "/lib", "/lib64"):
        if os.path.islink(link):
            archive.add_link(link, os.path.realpath(link).lstrip("/"))
    archive.add_file(program("busybox"), "/usr/bin/busybox")
    for applet in APPLETS:
        archive.add_link(f"/usr/bin/{applet}", "busybox")
    archive.add_link("/usr/sbin/modprobe", "../bin/busybox")
    archive.add_text("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
    archive.add_text("/etc/group", "root:x:0:\n")
    # The programs are this machine's.
    archive.add_file(os.path.realpath("/etc/os-release"), "/etc/os-release")
    modules = kernel.modules(names)
    for path in modules:
        archive.add_file(os.path.join(kernel.directory(), path), f"/usr/lib/modules/{kernel.release}/{path}")
    listed = "".join(f"{path}: {' '.join(needed)}\n" for path, needed in modules.items())
    archive.add_text(f"/usr/lib/modules/{kernel.release}/modules.dep", listed)
    # So that modprobe is content with what is no module.
    archive.add_file(os.path.join(kernel.directory(), "modules.builtin"), f"/usr/lib/modules/{kernel.release}/modules.builtin")
    return archive


def build(kernel: Modules, path: str, programs: Mapping[str, str], mount: str) -> None:
    """Writes the file system of a guest that runs the driver, with Python and our own programs in it, by their paths."""
    archive = base(kernel, QEMU_MODULES if mount == QEMU_MOUNT else MODULES)
    archive.add_text("/init", INIT.format(mount=mount, command=DRIVER), executable=True)
    for name in PROGRAMS:
        archive.add_program(program(name))
    for name in FIRMWARE:
        archive.add_file(os.path.realpath(f"/lib/firmware/{name}"), f"/lib/firmware/{name}")
    for target, source in programs.items():
        archive.add_file(source, target)
        for library in libraries(source):
            archive.add_file(library)
    add_python(archive, os.path.dirname(path))
    archive.write(path)


def add_python(archive: Archive, scratch: str) -> None:
    """Debian's Python, with no more modules than the driver loads."""
    for folder in ("", "guest", "scenarios"):
        for file in sorted(os.listdir(os.path.join(LIBRARY, folder))):
            if file.endswith(".py"):
                archive.add_file(os.path.join(LIBRARY, folder, file), os.path.join("/lab/lablib", folder, file))
    python = program("python3")
    archive.add_program(python)
    # Compiled here once, and not by each guest.
    compiled = os.path.join(scratch, "compiled")
    script = ("import sys; sys.path.insert(0, sys.argv[1]); import lablib.guest.driver, lablib.guest.hwsim, lablib.guest.storm\n"
              "import lablib.guest.air_probe, lablib.guest.ping\nfrom lablib.scenario import discover; discover()\n"
              "import encodings.utf_8, encodings.ascii, encodings.latin_1, encodings.aliases\n"
              "for module in list(sys.modules.values()):\n"
              "    file, cached = getattr(module, '__file__', None), getattr(module, '__cached__', None)\n"
              "    if file and not file.startswith(sys.argv[1]): print(file, cached or '')\n"
              "    elif file: print('/lab' + file.removeprefix(sys.argv[1]), cached or '')")
    loaded = subprocess.run([python, "-S", "-E", "-X", f"pycache_prefix={compiled}", "-c", script, os.path.dirname(LIBRARY)],
                            capture_output=True, text=True, check=True)
    for line in loaded.stdout.splitlines():
        path, _, cached = line.partition(" ")
        if not path.startswith("/lab/"):
            archive.add_file(path)
            for library in libraries(path):
                archive.add_file(library)
        if cached and os.path.exists(cached):
            archive.add_file(cached, os.path.join(os.path.dirname(path), "__pycache__", os.path.basename(cached)))
