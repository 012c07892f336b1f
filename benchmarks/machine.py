"""The machine and the versions that figures belong to."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

GIBIBYTE_IN_KIBIBYTES = 1024**2


def describe_machine() -> dict[str, str | int | float]:
    """Processor, cores, GiB of memory and system."""
    return {
        "processor": read_field(Path("/proc/cpuinfo"), "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(read_field(Path("/proc/meminfo"), "MemTotal").split()[0]) / GIBIBYTE_IN_KIBIBYTES, 1),
        "system": platform.platform(),
    }


def read_field(file: Path, field: str) -> str:
    """The value of the first line `field: value`, or 'unknown'."""
    for line in file.read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == field:
            return value.strip()
    return "unknown"


def describe_versions() -> dict[str, str]:
    """Python's version and those of what is compared."""
    packages = ("dbt-core", "dbt-duckdb", "duckdb", "polars")
    return {"python": platform.python_version()} | {package: version(package) for package in packages}
