"""Builds the C programs that make and count traffic (programs/*.c)."""

import glob
import os
import subprocess

from .paths import LIBRARY, LabError

FOLDER = os.path.join(LIBRARY, "programs")
FLAGS = ("-O2", "-Wall", "-Wextra")
LIBRARIES = ("-lcrypto",)


def build_preload(folder: str) -> str:
    """Builds what User-mode Linux runs with (preload/*.c) into a folder; returns its path."""
    built = os.path.join(folder, "preload.so")
    compile_c([*FLAGS, "-shared", "-fPIC", "-o", built, *sorted(glob.glob(os.path.join(LIBRARY, "preload", "*.c")))])
    return built


def compile_c(arguments: list[str]) -> None:
    """Runs the C compiler."""
    done = subprocess.run(["cc", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"cc {' '.join(arguments)} failed:\n{done.stderr[-4000:]}")


def build(folder: str) -> dict[str, str]:
    """Builds them into a folder, linked statically; returns their paths by name."""
    built = {}
    for source in sorted(glob.glob(os.path.join(FOLDER, "*.c"))):
        name = os.path.basename(source).removesuffix(".c")
        built[name] = os.path.join(folder, f"lab-{name}")
        compile_c([*FLAGS, "-static", "-o", built[name], source, *LIBRARIES])
    return built
