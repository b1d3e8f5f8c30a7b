"""QEMU: Debian's own kernel on two emulated processors, or on real ones where KVM works."""

import os
import tempfile

from . import initramfs
from .guests import boot
from .kernel import Kernel
from .paths import CACHE, LabError

BINARY = "qemu-system-x86_64"
MEMORY = "1G"
KVM = ["-accel", "kvm", "-cpu", "host"]
# Without "fast" string instructions the kernel copies by words, not by bytes, which is what an emulated processor does with "rep movsb".
# Without carry-less multiplication, which is emulated bit by bit, AES-GCM multiplies by tables.
TCG = ["-accel", "tcg,thread=multi", "-cpu", "max,-erms,-fsrm,-pclmulqdq"]
PROBE_SECONDS = 5
READY = "the probe has booted"


def command_line(kernel: Kernel, file_system: str, accelerator: list[str], shared: str | None = None) -> list[str]:
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


def accelerator(kernel: Kernel, wanted: bool | None = None) -> list[str]:
    """KVM where it works, else emulation. `wanted`: True and False override the probe."""
    if wanted is None:
        wanted = probe(kernel)
    return KVM if wanted else TCG


def probe(kernel: Kernel) -> bool:
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


def boots_with_kvm(kernel: Kernel) -> bool:
    """Boots a guest that only says that it is there."""
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        archive = initramfs.base(kernel, initramfs.QEMU_MODULES)
        archive.add_text("/init", f"#!/bin/sh\necho {READY}\npoweroff -f\n", executable=True)
        archive.write(f"{folder}/initramfs")
        try:
            boot(command_line(kernel, f"{folder}/initramfs", KVM), PROBE_SECONDS, lines.append)
        except LabError:
            return False
    return READY in lines
