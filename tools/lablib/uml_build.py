"""Builds the lab's kernel (User-mode Linux) from Debian's source package, once for each user of this machine.

What is built stays in $XDG_CACHE_HOME/relink/kernels (~/.cache/relink/kernels), one folder for each package version and
configuration (tools/lablib/kernel.config). A kernel of the same series and configuration that is there is good enough,
whatever its package version; --update builds the newest version that the package lists offer. To free the space, remove the folder."""

import argparse
import fcntl
import os
import platform
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from . import ending
from .paths import LabError
from .series import SERIES
from .uml import Ready, built, configuration_hash, kernels_folder, options, wanted_configuration

NICENESS = 10
ROOM = 2 << 30
# Lines that make prints for a whole build; measured, and only the percentage depends on them.
STEPS = {"6.1": 1531, "6.12": 1644}
# The parts of the source that User-mode Linux is not built from: half of it.
LEFT_OUT = ("Documentation/*.rst", "Documentation/devicetree", "*.dts", "*.dtsi", "drivers/gpu/*.[ch]", "drivers/media/*.[ch]",
            "drivers/staging/*.[ch]", "drivers/infiniband/*.[ch]", "drivers/net/ethernet/*.[ch]", "sound/*.[ch]",
            "tools/perf", "tools/testing")


def say(text: str) -> None:
    """One line of progress."""
    print(f"setup: {text}", flush=True)


class Progress:
    """Shows how much of a build is done: one line that changes on a terminal, else a line for each tenth."""

    def __init__(self, series: str) -> None:
        self._series = series
        self._start = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._done = 0
        self._percent = 0

    def step(self) -> None:
        """One more line of make's."""
        self._done += 1
        percent = min(99, 100 * self._done // STEPS[self._series])
        if percent >= self._percent + (1 if self._terminal else 10):
            self._percent = percent if self._terminal else percent // 10 * 10
            text = f"kernel {self._series}: {self._percent}% after {int(time.monotonic() - self._start)} s"
            if self._terminal:
                print(f"\rsetup: {text}\033[K", end="", flush=True)
            else:
                say(text)

    def end(self) -> None:
        """Leaves the line."""
        if self._terminal and self._percent:
            print()


class Work:
    """One build in a folder that is removed whatever happens. Programs get no input, and what they print goes into a log."""

    def __init__(self, series: str, folder: str) -> None:
        self.series = series
        self.folder = folder
        self.source = os.path.join(folder, "source")
        self.out = os.path.join(folder, "out")
        self.log = os.path.join(folder, "log")
        self._environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
        # depmod is in /sbin. The last two get into the kernel's version.
        self._environment.update(PATH=f"{os.environ['PATH']}:/usr/sbin:/sbin", LC_ALL="C",
                                 KBUILD_BUILD_USER="relink", KBUILD_BUILD_HOST="lab")

    def run(self, command: list[str], folder: str, progress: Progress | None = None) -> None:
        """Runs a program to its end; raises LabError when it fails. It ends when this program does."""
        with open(self.log, "a") as log:
            log.write(f"+ {shlex.join(command)}\n")
            log.flush()
            process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], cwd=folder, env=self._environment, text=True,
                                       errors="replace", process_group=0, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT)
            try:
                assert process.stdout
                for line in process.stdout:
                    log.write(line)
                    if progress and line.startswith("  "):
                        progress.step()
                status = process.wait()
            except BaseException:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                process.wait()
                raise
        if status:
            raise LabError(f"{shlex.join(command[:3])} … failed with status {status}")

    def read(self, path: str) -> str:
        """The text of a file of the source."""
        with open(os.path.join(self.source, path)) as file:
            return file.read()

    def download(self, version: str) -> None:
        """Fetches the source package."""
        # apt's own user may not write here.
        user = pwd.getpwuid(os.getuid()).pw_name
        self.run(["apt-get", "-q", "-o", f"APT::Sandbox::User={user}", "download", f"linux-source-{self.series}={version}"], self.folder)

    def unpack(self) -> None:
        """Unpacks the source package. It is not installed, so this needs no root."""
        package = f"linux-source-{self.series}"
        [deb] = [name for name in os.listdir(self.folder) if name.endswith(".deb")]
        self.run(["dpkg", "-x", deb, "package"], self.folder)
        os.mkdir(self.source)
        left_out = [f"--exclude={package}/{pattern}" for pattern in LEFT_OUT]
        self.run(["tar", "-x", "--strip-components=1", "-C", self.source, *left_out,
                  "-f", f"package/usr/src/{package}.tar.xz"], self.folder)

    def configure(self, configuration: str) -> None:
        """Configures the source. Every option that was asked for must have taken effect."""
        wanted = os.path.join(self.folder, "wanted")
        with open(wanted, "w") as file:
            file.write(configuration)
        self.run(["make", "ARCH=um", "allnoconfig"], self.source)
        self.run(["scripts/kconfig/merge_config.sh", "-m", ".config", wanted], self.source)
        self.run(["make", "ARCH=um", "olddefconfig"], self.source)
        refused = refused_options(configuration, self.read(".config"))
        if refused:
            raise LabError(f"Linux {self.series} does not take these options of tools/lablib/kernel.config: {', '.join(refused)}")

    def make(self) -> str:
        """Builds the kernel and its modules. The release."""
        progress = Progress(self.series)
        try:
            self.run(["make", "ARCH=um", f"-j{len(os.sched_getaffinity(0))}"], self.source, progress)
        finally:
            progress.end()
        self.run(["make", "ARCH=um", f"INSTALL_MOD_PATH={self.out}", "INSTALL_MOD_STRIP=1", "modules_install"], self.source)
        release = self.read("include/config/kernel.release").strip()
        shutil.copy(os.path.join(self.source, "linux"), self.out)
        for link in ("build", "source"):
            path = os.path.join(self.out, "lib", "modules", release, link)
            if os.path.islink(path):
                os.unlink(path)
        if not os.path.exists(os.path.join(self.out, "lib", "modules", release, "modules.dep")):
            raise LabError("the modules have no modules.dep; is kmod installed?")
        return release


def refused_options(wanted: str, actual: str) -> list[str]:
    """The wanted options that the actual configuration does not have."""
    has = options(actual)
    return [f"{name}={value}" for name, value in options(wanted).items() if has.get(name, "n") != value]


def candidate(series: str) -> str | None:
    """The version that the package lists offer."""
    shown = subprocess.run(["apt-cache", "show", "--no-all-versions", f"linux-source-{series}"], capture_output=True, text=True,
                           check=False)
    versions = [line.split()[1] for line in shown.stdout.splitlines() if line.startswith("Version: ")]
    return versions[0] if versions else None


def update_lists() -> None:
    """Makes the package lists new, which needs root or sudo."""
    say("updating the package lists")
    command = ["apt-get", "-qq", "update"]
    if os.getuid() != 0:
        command.insert(0, "sudo")
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise LabError("the package lists can't be updated; run apt-get update as root") from None


def fetch(work: Work) -> str:
    """Fetches the source and returns its version. Lists that are empty or too old are made new, once."""
    for again in (False, True):
        if again:
            update_lists()
        version = candidate(work.series)
        if version:
            say(f"kernel {work.series}: fetching linux-source-{work.series} {version} (150 MB)")
            try:
                work.download(version)
                return version
            except LabError:
                if again:
                    raise
    raise LabError(f"apt offers no linux-source-{work.series}; its package lists must hold those of Debian 12 with security updates")


@contextmanager
def only_builder(kernels: str) -> Iterator[None]:
    """Waits until nobody else builds a kernel in this cache, and removes what interrupted builds left."""
    os.makedirs(kernels, exist_ok=True)
    with open(os.path.join(kernels, "lock"), "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another tools/setup is building a kernel; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        for name in os.listdir(kernels):
            if name.startswith("building-"):
                shutil.rmtree(os.path.join(kernels, name), ignore_errors=True)
        yield


def build(series: str, configuration: str, kernels: str) -> Ready:
    """Builds a kernel and puts it into the cache in one step."""
    if shutil.disk_usage(kernels).free < ROOM:
        raise LabError(f"{kernels} has less than {ROOM >> 30} GiB free, which building needs; set XDG_CACHE_HOME to another folder")
    say(f"kernel {series}: building it for the lab, once; takes about six minutes on two processors")
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="building-", dir=kernels) as folder:
        work = Work(series, folder)
        try:
            version = fetch(work)
            work.unpack()
            work.configure(configuration)
            release = work.make()
        except LabError as error:
            raise LabError(f"kernel {series}: {error}\n{keep_log(work, kernels)}") from None
        ready = Ready(series, release, version, configuration_hash(configuration), time.time_ns(), int(time.monotonic() - start))
        ready.write(work.out)
        target = os.path.join(kernels, f"{series}-{version}-{ready.configuration}")
        shutil.rmtree(target, ignore_errors=True)
        os.rename(work.out, target)
    return ready


def keep_log(work: Work, kernels: str) -> str:
    """Keeps the log of a build that failed. Its end, and where it is."""
    kept = os.path.join(kernels, f"failed-{work.series}.log")
    if not os.path.exists(work.log):
        return "nothing was run"
    shutil.move(work.log, kept)
    with open(kept, errors="replace") as file:
        return "".join(file.readlines()[-10:]) + f"The whole log: {kept}"


def provide(series: str, kernels: str, update: bool) -> None:
    """Builds a kernel unless there is one that is good enough."""
    configuration = wanted_configuration()
    key = configuration_hash(configuration)

    def there(version: str | None) -> bool:
        found = built(series, key, kernels)
        if found is None or version not in (None, found[1].package):
            return False
        say(f"kernel {series}: {found[1].release} of linux-source-{series} {found[1].package}, in {found[0]}")
        return True

    if update:
        update_lists()
    version = candidate(series) if update else None
    if there(version):
        return
    with only_builder(kernels):
        if there(version):
            return
        ready = build(series, configuration, kernels)
    say(f"kernel {series}: {ready.release} built in {ready.seconds} s")


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/setup --kernels", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("series", nargs="+", choices=SERIES, help="the kernels to build")
    parser.add_argument("--update", action="store_true", help="build a newer package version than the one that is there")
    choice = parser.parse_args()
    os.nice(NICENESS)
    try:
        for series in choice.series:
            if platform.machine() != "x86_64":
                say(f"kernel {series}: User-mode Linux runs on x86_64 only; not built")
                continue
            provide(series, kernels_folder(), choice.update)
    except (LabError, OSError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except SystemExit:
        print("setup: interrupted; the next tools/setup builds the kernel from the start", file=sys.stderr)
        raise
    return 0


if __name__ == "__main__":
    ending.run(main)
