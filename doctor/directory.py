"""The directory as a listing: is it one, and which of its files does no raw table take?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from doctor.declaration import did_you_mean

# What find_raw_files of macros/cross_db/raw_files.sql reads, for the advice on other files.
READABLE = (".parquet", ".csv", ".csv.gz")
LIKENESS_OF_TABLES = 0.75
NO_TABLE = "no raw table has such a name"


class NoDirectory(Exception):
    """The raw directory cannot be looked at; the message says why and what to do."""


def list_directory(directory: Path) -> list[Path]:
    """What lies in the directory, by name; hidden files are nobody's business.

    Raises NoDirectory where it is missing, a file, unreadable or empty.
    """
    if not directory.exists():
        raise NoDirectory(
            f"There is no directory {directory}: name the one that holds orders.csv or "
            "orders.parquet, make doctor RAW=directory."
        )
    if not directory.is_dir():
        raise NoDirectory(
            f"{directory} is a file: name the directory that holds it, and call the file "
            "orders.csv or orders.parquet."
        )
    try:
        entries = sorted(entry for entry in directory.iterdir() if not _is_hidden(entry))
    except OSError as error:
        raise NoDirectory(f"{directory} cannot be read: {error.strerror}.") from error
    if not entries:
        raise NoDirectory(f"{directory} is empty: put orders.csv or orders.parquet there.")
    return entries


def _is_hidden(entry: Path) -> bool:
    return entry.name.startswith((".", "_"))


def files_not_taken(
    directory: Path, entries: Iterable[Path], homes: Mapping[str, str | None]
) -> dict[str, str]:
    """Each file or folder that no table takes, with what to do about it.

    `homes` names each declared table's file, or `folder/**/*.csv`; None where it has none.
    """
    taken = {_top(directory, home): table for table, home in homes.items() if home}
    left = {
        entry.name: _advice(entry, homes)
        for entry in entries
        if entry.name not in taken and not _could_be_home(entry, homes)
    }
    # Those that were meant for a table come first.
    left = dict(sorted(left.items(), key=lambda item: item[1] == NO_TABLE))
    for name, table in taken.items():
        ending = Path(str(homes[table])).name.removeprefix("*")
        others = _others_inside(directory / name, ending)
        if others:
            left[f"{name}/"] = f"not read: {others} of its files that are no {ending}"
    return left


def _top(directory: Path, home: str) -> str:
    """The entry of the directory that a home lies in."""
    return Path(home).relative_to(directory).parts[0]


def _could_be_home(entry: Path, homes: Mapping[str, str | None]) -> bool:
    """Has the right name and is not taken, since something stopped the build before."""
    stem, _, ending = entry.name.partition(".")
    if stem not in homes or homes[stem]:
        return False
    if entry.is_dir():
        return any(file.name.endswith(READABLE) for file in entry.rglob("*"))
    return f".{ending}" in READABLE


def _others_inside(folder: Path, ending: str) -> int:
    """How many files of a table's folder have another ending than those that are read."""
    if not folder.is_dir():
        return 0
    files = (file for file in folder.rglob("*") if file.is_file() and not _is_hidden(file))
    return sum(not file.name.endswith(ending) for file in files)


def _advice(entry: Path, homes: Mapping[str, str | None]) -> str:
    stem, _, ending = entry.name.partition(".")
    table = did_you_mean(stem, homes, LIKENESS_OF_TABLES)
    if table is None:
        return NO_TABLE
    if homes[table]:
        return f"{table} is read from {Path(str(homes[table])).name} already"
    if entry.is_dir() and stem != table:
        return f"rename it to {table}/"
    if entry.is_dir():
        return f"holds no {', '.join(READABLE)} file"
    if f".{ending.lower()}" in READABLE:
        return f"rename it to {table}.{ending.lower()}"
    return f"save it as {table}.csv or {table}.parquet"
