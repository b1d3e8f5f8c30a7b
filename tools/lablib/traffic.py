"""Builds the C programs that make and count traffic (programs/*.c)."""

import glob
import os
import subprocess

from .paths import LIBRARY, LabError

FOLDER = os.path.join(LIBRARY, "programs")
FLAGS = ("-O2", "-static", "-Wall", "-Wextra")
LIBRARIES = ("-lcrypto",)


def build(folder):
    """Builds them into a folder, linked statically; returns their paths by name."""
    built = {}
    for source in sorted(glob.glob(os.path.join(FOLDER, "*.c"))):
        name = os.path.basename(source).removesuffix(".c")
        built[name] = os.path.join(folder, f"lab-{name}")
        done = subprocess.run(["cc", *FLAGS, "-o", built[name], source, *LIBRARIES], capture_output=True, text=True)
        if done.returncode != 0:
            raise LabError(f"{source} does not build:\n{done.stderr[-4000:]}")
    return built
