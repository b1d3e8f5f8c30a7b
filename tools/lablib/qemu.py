"""QEMU: boots a kernel with a file system, hands on what the guest prints, and never outlives its caller."""

import ctypes
import os
import re
import selectors
import signal
import subprocess
import tempfile
import time

from . import initramfs
from .paths import CACHE, LabError

BINARY = "qemu-system-x86_64"
MEMORY = "1G"
KVM = ["-accel", "kvm", "-cpu", "host"]
# Without "fast" string instructions the kernel copies by words, not by the octet, which is what an emulated processor does with "rep movsb":
# with them a plain injector sends 14,700 frames of 1,400 octets a second, without them 20,000 to 30,000, and everything else gets faster, too.
# Without carry-less multiplication, which is emulated bit by bit, AES-GCM multiplies by tables: with a key 5,500 frames a second get
# through instead of 2,700.
TCG = ["-accel", "tcg,thread=multi", "-cpu", "max,-erms,-fsrm,-pclmulqdq"]
PROBE_SECONDS = 5
OUTPUT_LIMIT = 4 << 20
# The kernel prints this however quiet it is.
POWERED_OFF = re.compile(r"\[ *[0-9.]+\] reboot: Power down")
PR_SET_PDEATHSIG = 1
READY = "the probe has booted"


def die_with_parent():
    """If this program is killed, so is its guest."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def command_line(kernel, file_system, accelerator, shared=None):
    """QEMU's arguments. `shared` is the folder that the guest sees under the tag `lab`."""
    arguments = [
        initramfs.program(BINARY), *accelerator, "-smp", "2", "-m", MEMORY, "-nodefaults", "-no-user-config",
        "-display", "none", "-no-reboot", "-kernel", kernel.image(), "-initrd", file_system,
        "-append", "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable no_timer_check nowatchdog",
        "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
    ]
    if shared:
        arguments += ["-virtfs", f"local,path={shared.replace(',', ',,')},mount_tag=lab,security_model=none"]
    return arguments


def boot(arguments, seconds, on_line):
    """Boots a guest and hands each line that it prints to `on_line`, until it ends, but for what its kernel says when it powers off.

    Raises LabError when it does not end in time or prints too much; it is ended in any case."""
    guest = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             preexec_fn=die_with_parent)
    try:
        end, rest, printed = time.monotonic() + seconds, b"", 0
        with selectors.DefaultSelector() as selector:
            selector.register(guest.stdout, selectors.EVENT_READ)
            while True:
                left = end - time.monotonic()
                if left <= 0:
                    raise LabError(f"the guest did not end within {seconds} s")
                if not selector.select(left):
                    continue
                chunk = os.read(guest.stdout.fileno(), 65536)
                if not chunk:
                    break
                printed += len(chunk)
                if printed > OUTPUT_LIMIT:
                    raise LabError(f"the guest printed more than {OUTPUT_LIMIT} octets")
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    text = line.decode(errors="replace").rstrip("\r")
                    if not POWERED_OFF.fullmatch(text):
                        on_line(text)
        if guest.wait(max(1, end - time.monotonic())) != 0:
            raise LabError(f"QEMU ended with status {guest.returncode}: {rest.decode(errors='replace')}")
    except subprocess.TimeoutExpired:
        raise LabError("QEMU closed its output but did not end") from None
    finally:
        if guest.poll() is None:
            guest.kill()
            guest.wait()
        guest.stdout.close()


def accelerator(kernel, wanted=None):
    """KVM where it works, else emulation. `wanted`: True and False override the probe."""
    if wanted is None:
        wanted = probe(kernel)
    return KVM if wanted else TCG


def probe(kernel):
    """Whether a guest boots with KVM within seconds: a machine can have /dev/kvm and hang on it. Asked once per boot."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    with open("/proc/sys/kernel/random/boot_id") as file:
        key = f"{file.read().strip()} {kernel.release} "
    cache = os.path.join(CACHE, "kvm-probe")
    try:
        with open(cache) as file:
            known = file.read()
        if known.startswith(key):
            return known.endswith("works")
    except FileNotFoundError:
        pass
    works = boots_with_kvm(kernel)
    with open(cache, "w") as file:
        file.write(key + ("works" if works else "does not work"))
    return works


def boots_with_kvm(kernel):
    """Boots a guest that only says that it is there."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        archive = initramfs.base(kernel)
        archive.add_text("/init", f"#!/bin/sh\necho {READY}\npoweroff -f\n", executable=True)
        archive.write(f"{folder}/initramfs")
        try:
            boot(command_line(kernel, f"{folder}/initramfs", KVM), PROBE_SECONDS, lines.append)
        except LabError:
            return False
    return READY in lines
