"""The kernel that tools/setup --qemu fetched: its release, a form of it that boots fast, its modules."""

import lzma
import os
import struct
import zlib
from collections.abc import Iterable

from .paths import CACHE, LabError

TREE = os.path.join(CACHE, "kernel", "tree")


class Kernel:
    """The fetched kernel."""

    def __init__(self) -> None:
        try:
            with open(os.path.join(CACHE, "kernel", "ready")) as file:
                self.release = file.read().strip()
        except FileNotFoundError:
            raise LabError("there is no kernel to boot; run tools/setup --qemu") from None
        self.compressed = os.path.join(TREE, "boot", f"vmlinuz-{self.release}")

    def image(self) -> str:
        """What to boot. Emulated, a compressed kernel takes 5 s to unpack itself; so unpack it here, once."""
        path = os.path.join(CACHE, "kernel", "vmlinux")
        if not os.path.exists(path):
            with open(self.compressed, "rb") as file:
                unpacked = unpack(file.read())
            if unpacked is None:
                return self.compressed
            with open(path + ".part", "wb") as file:
                file.write(unpacked)
            os.replace(path + ".part", path)
        return path

    def modules(self, names: Iterable[str]) -> dict[str, list[str]]:
        """The module files needed for `names`, dependencies included, relative to `directory()`."""
        dependencies = {}
        with open(os.path.join(self.directory(), "modules.dep")) as file:
            for line in file:
                module, _, needed = line.partition(":")
                dependencies[module] = needed.split()
        by_name = {os.path.basename(path).split(".ko")[0].replace("-", "_"): path for path in dependencies}
        wanted: list[str] = []
        for name in names:
            if name not in by_name:
                raise LabError(f"kernel {self.release} has no module {name}")
            path = by_name[name]
            wanted += [path, *dependencies[path]]
        return {path: dependencies[path] for path in dict.fromkeys(wanted)}

    def directory(self) -> str:
        """The folder of modules.dep."""
        return os.path.join(TREE, "lib", "modules", self.release)


def unpack(image: bytes) -> bytes | None:
    """The ELF kernel within a bzImage (Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length).

    `None` when it is compressed in a way that the standard library does not know, or can't be booted without the rest."""
    if image[0x202:0x206] != b"HdrS":
        return None
    sectors = image[0x1f1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (sectors + 1) * 512 + offset
    payload = image[start:start + length]
    try:
        if payload.startswith(b"\xfd7zXZ\0"):
            unpacked = lzma.LZMADecompressor().decompress(payload)
        elif payload.startswith(b"\x1f\x8b"):
            unpacked = zlib.decompressobj(31).decompress(payload)
        else:
            return None
    except (lzma.LZMAError, zlib.error):
        return None
    return unpacked if unpacked.startswith(b"\x7fELF") else None
