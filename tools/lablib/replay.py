"""Replays what the agents of a run recorded: their cores must decide the same again."""

import glob
import json
import os
import subprocess
from collections.abc import Iterator

from .checked import Check


def replayed(folder: str, relink: str) -> Iterator[Check]:
    """A check for each recording of a run; none where nothing was recorded."""
    for path in sorted(glob.glob(os.path.join(folder, "*.pcapng"))):
        keys = path.removesuffix(".pcapng") + ".keys"
        command = [relink, "replay", path, "--json", *(["--keys", keys] if os.path.exists(keys) else [])]
        yield verdict(os.path.basename(path), subprocess.run(command, capture_output=True, text=True))


def verdict(name: str, done: subprocess.CompletedProcess[str]) -> Check:
    """What a replay says."""
    what = f"replayed, {name} is identical"
    try:
        said = json.loads(done.stdout)
    except json.JSONDecodeError:
        return Check(what, False, done.stderr.strip() or f"exit status {done.returncode}")
    difference = said.get("difference")
    return Check(what, done.returncode == 0 and said["identical"] and said["inputs"] > 0,
                 f"output {difference['output']}: recorded {difference.get('recorded')}, replayed {difference.get('replayed')}"
                 if difference else f"{said['inputs']} inputs, {said['outputs']} outputs")
