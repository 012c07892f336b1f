"""What a command costs, as the operating system counts it: the process and all it has started."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE_IN_KIBIBYTES = 1024


@dataclass(frozen=True)
class Cost:
    """CPU seconds are user and system; peak memory is that of the largest process."""

    cpu_seconds: float
    wall_seconds: float
    peak_memory_mib: float
    load_before: float


class CommandFailed(Exception):
    """A measured command ended with an error; the message holds the end of its output."""


def measure(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Cost:
    """Run a command to its end. `wait4` tells of it alone, whatever else this program has run."""
    load_before = os.getloadavg()[0]
    with log.open("w") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=cwd,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        tail = "\n".join(log.read_text().splitlines()[-30:])
        raise CommandFailed(f"{' '.join(command)} ended with {process.returncode}:\n{tail}")
    return Cost(
        cpu_seconds=round(usage.ru_utime + usage.ru_stime, 3),
        wall_seconds=round(wall_seconds, 3),
        peak_memory_mib=round(usage.ru_maxrss / MEBIBYTE_IN_KIBIBYTES, 1),
        load_before=round(load_before, 2),
    )
