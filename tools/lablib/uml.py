"""The lab's kernel as a program, User-mode Linux: where tools/setup keeps it, its modules, and where its memory can be."""

import hashlib
import json
import mmap
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from .paths import LIBRARY, LabError
from .series import SERIES

CONFIGURATION = os.path.join(LIBRARY, "kernel.config")
# Raised when kernels must be built anew for another reason than their configuration.
RECIPE = 1
MEMORY = 1 << 30


def cache_folder(environment: Mapping[str, str] = os.environ) -> str:
    """Where built kernels are, outside the checkout, so that every checkout of this user finds them."""
    base = environment.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # The XDG specification: a relative path is ignored.
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "relink")


def kernels_folder() -> str:
    """The part of the cache that has kernels."""
    return os.path.join(cache_folder(), "kernels")


def options(text: str) -> dict[str, str]:
    """A kernel configuration as name and value. An option that is not set has the value `n`."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if match := re.fullmatch(r"(CONFIG_\w+)=(.+)|# (CONFIG_\w+) is not set", line):
            found[match[1] or match[3]] = match[2] or "n"
    return found


def configuration_hash(text: str) -> str:
    """The hash that identifies a kernel's configuration. Comments and order do not count."""
    lines = [f"{name}={value}" for name, value in sorted(options(text).items())]
    return hashlib.sha256("\n".join([f"recipe {RECIPE}", *lines]).encode()).hexdigest()[:12]


def wanted_configuration() -> str:
    """The text of this checkout's configuration."""
    with open(CONFIGURATION) as file:
        return file.read()


@dataclass(frozen=True)
class Ready:
    """The content of the file `ready` of a built kernel. It is written last: a folder without it is not a kernel."""

    series: str
    release: str
    package: str
    configuration: str
    built: int
    seconds: int

    def write(self, folder: str) -> None:
        """Writes the file."""
        with open(os.path.join(folder, "ready"), "w") as file:
            json.dump(asdict(self), file, indent=2)
            file.write("\n")


def read_ready(folder: str) -> Ready | None:
    """The description of the kernel built in a folder; `None` when none was."""
    try:
        with open(os.path.join(folder, "ready")) as file:
            return Ready(**json.load(file))
    except (OSError, ValueError, TypeError):
        return None


def built(series: str, configuration: str, kernels: str) -> tuple[str, Ready] | None:
    """The kernel of a series with this configuration that was built last, and its folder."""
    found: list[tuple[int, str, Ready]] = []
    for name in os.listdir(kernels) if os.path.isdir(kernels) else []:
        folder = os.path.join(kernels, name)
        ready = read_ready(folder)
        if ready and ready.series == series and ready.configuration == configuration:
            found.append((ready.built, folder, ready))
    return max(found, key=lambda each: each[0])[1:] if found else None


class UML:
    """A kernel that tools/setup built."""

    def __init__(self, series: str = SERIES[0], kernels: str | None = None) -> None:
        found = built(series, configuration_hash(wanted_configuration()), kernels or kernels_folder())
        if found is None:
            raise LabError(f"there is no kernel {series} with this checkout's configuration; run tools/setup --kernels {series}")
        self.folder, self.ready = found
        self.series = series
        self.release = self.ready.release
        self.program = os.path.join(self.folder, "linux")

    @property
    def identity(self) -> dict[str, str]:
        """The description of this kernel in a report."""
        return {"kind": "User-mode Linux", "series": self.series, "release": self.release,
                "package": f"linux-source-{self.series} {self.ready.package}", "configuration": self.ready.configuration}

    def directory(self) -> str:
        """The folder of modules.dep."""
        return os.path.join(self.folder, "lib", "modules", self.release)

    def modules(self, names: Iterable[str]) -> dict[str, list[str]]:
        """The module files needed for `names`, each with its dependencies, relative to `directory()`.

        What is built into the kernel needs no file and is left out."""
        dependencies = {}
        for line in self._lines("modules.dep"):
            module, _, needed = line.partition(":")
            dependencies[module] = needed.split()
        by_name = {module_name(path): path for path in dependencies}
        builtin = {module_name(path) for path in self._lines("modules.builtin")}
        wanted: list[str] = []
        for name in names:
            if name in by_name:
                path = by_name[name]
                wanted += [path, *dependencies[path]]
            elif name not in builtin:
                raise LabError(f"kernel {self.release} has no module {name}; tools/lablib/kernel.config says what it has")
        return {path: dependencies[path] for path in dict.fromkeys(wanted)}

    def _lines(self, name: str) -> list[str]:
        with open(os.path.join(self.directory(), name)) as file:
            return file.read().splitlines()


def module_name(path: str) -> str:
    """The name under which a module file is loaded."""
    return os.path.basename(path).split(".ko")[0].replace("-", "_")


def memory_folder(size: int = MEMORY, environment: Mapping[str, str] = os.environ) -> str:
    """A folder in which User-mode Linux can map a guest's memory of `size` bytes: it goes into the guest's TMPDIR.

    The kernel maps its memory from a file and executes what is in it, so the folder must allow execution and have room.
    Memory (/dev/shm) is tried first: in a file system on a disk the host's writing back slows the guest."""
    refusals = []
    for folder in dict.fromkeys(["/dev/shm", environment.get("TMPDIR", ""), cache_folder(environment), "/tmp"]):
        if folder:
            reason = refusal(folder, size)
            if reason is None:
                return folder
            refusals.append(f"{folder} {reason}")
    raise LabError(f"no folder can hold a guest's memory: {'; '.join(refusals)}. "
                   f"Set TMPDIR to a folder with {size >> 20} MiB free, on a file system that is not mounted noexec")


def refusal(folder: str, size: int) -> str | None:
    """Why a guest's memory can't be in a folder; `None` when it can. It is tried with one page."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.truncate(mmap.PAGESIZE)
            try:
                mmap.mmap(file.fileno(), mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
            except OSError:
                return "forbids execution (noexec)"
            status = os.statvfs(file.fileno())
    except OSError as error:
        return f"can't be written to ({error.strerror})"
    free = status.f_bavail * status.f_frsize
    return None if free >= size else f"has {free >> 20} MiB free of {size >> 20}"
