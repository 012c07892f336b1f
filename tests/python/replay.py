"""A feed through dbt, build after build on one database, against full builds of the same raw data.

    .venv/bin/python tests/python/replay.py 17            what differs, and after which build
    .venv/bin/python tests/python/replay.py 17 --shrink   the smallest story that shows it

To shrink, a story is told many times in one feed, each time with some rows less; the copies that
still fail say which rows do not matter. A feed costs the same with one story or forty.
"""

from __future__ import annotations

import argparse
import math
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from databases import Difference, unequal_tables
from feeds import Arrival, Feed, Plan, draw_feed, tell
from harness import DATABASE_NAME, Build, Project

# Copies of a story differ in their number alone, and every fifth shop numbers its customers.
NUMBERS_APART = 5
MOST_COPIES = 40


@dataclass
class Replay:
    """One feed on its way: the raw zone and the database that is built again and again."""

    feed: Feed
    project: Project
    directory: Path
    # Why a build took everything anew, by its step; of the others each took in what was new.
    built_anew: dict[int, str] = field(default_factory=dict)

    @property
    def raw(self) -> Path:
        return self.directory / "raw"

    @property
    def database(self) -> Path:
        return self.directory / "incremental" / DATABASE_NAME

    def load(self, step: int) -> None:
        """The raw zone as it is before the step's build."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.database.parent.mkdir(exist_ok=True)
        self.feed.write(self.raw, step)

    def build(self, step: int, database: Path | None = None, select: str | None = None) -> Build:
        """The step's build, on the database that is there unless another is named."""
        is_refresh = self.feed.plan.steps[step].is_full_refresh and database is None
        return self.project.build(
            self.raw,
            vars=self.feed.plan.steps[step].variables,
            command="run",
            database=database or self.database,
            flags=["--no-write-json", *["--full-refresh"] * is_refresh],
            select=select,
        )

    def build_in_full(self, step: int) -> Path:
        """A new database from the same raw zone."""
        path = self.directory / "full" / DATABASE_NAME
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir()
        succeeded(self.build(step, path), f"full build {step} of {self.feed}")
        return path

    def take(self, step: int) -> None:
        """Loads and builds; a partial run may fail, it leaves what it leaves."""
        self.load(step)
        share = self.feed.plan.steps[step].part
        if share is not None:
            names = _drawn_models(self.project, share, f"{self.feed.plan.seed} {step}")
            self.build(step, select=" ".join(names))
        else:
            made = succeeded(self.build(step), f"build {step} of {self.feed}")
            for line in re.findall(r"Everything is built anew: (.*)", made.output):
                self.built_anew[step] = line

    def compare(self, step: int) -> list[Difference]:
        """The database against a full build."""
        full = self.build_in_full(step)
        return unequal_tables(full, self.database, self.directory / "compared.duckdb")


def succeeded(made: Build, what: str) -> Build:
    assert made.success, f"{what}:\n" + ("\n".join(made.failures) or made.output)
    return made


def _drawn_models(project: Project, share: float, seed: str) -> list[str]:
    names = sorted(
        node.name for node in project.manifest.nodes.values() if node.resource_type == "model"
    )
    return Random(seed).sample(names, k=max(1, round(share * len(names))))


def follow(replay: Replay, is_compared_always: bool = False) -> tuple[int, list[Difference]]:
    """The first compared build that differs from a full one, and in what; (-1, []) where none does."""
    feed = replay.feed
    for step, planned in enumerate(feed.plan.steps):
        replay.take(step)
        is_compared = planned.is_compared or (is_compared_always and planned.part is None)
        found = replay.compare(step) if is_compared else []
        if found:
            return step, found
    return -1, []


def described(feed: Feed, step: int, found: Sequence[Difference]) -> str:
    shops = sorted(set().union(*(difference.shops for difference in found)))
    return "\n".join(
        [
            f"{feed}: build {step} differs from a full build in {len(found)} tables, shops {shops}.",
            f"To shrink: .venv/bin/python tests/python/replay.py {feed.plan.seed} --shrink",
            *map(str, found),
        ]
    )


# ---------------------------------------------------------------- the smallest story


@dataclass
class Shrinker:
    """Makes one shop's story smaller while a build still differs from a full one."""

    project: Project
    directory: Path
    plan: Plan
    number: int
    background: dict[int, Sequence[Arrival]] = field(default_factory=dict)
    runs: int = 0

    def fails(self, feed: Feed) -> set[int]:
        """The shops that differ; -1 stands for a difference that names no shop."""
        self.runs += 1
        directory = self.directory / f"run_{self.runs}"
        _, found = follow(Replay(feed, self.project, directory))
        shutil.rmtree(directory)
        shops: set[int] = set().union(*(difference.shops for difference in found))
        return shops or ({-1} if found else set())

    def failing(self, candidates: Sequence[Sequence[int]]) -> list[Sequence[int]]:
        """The candidates, each a choice of the story's rows, that still fail."""
        numbers = [self.number + NUMBERS_APART * index for index in range(len(candidates))]
        copies = {
            number: self._told(number, kept)
            for number, kept in zip(numbers, candidates, strict=True)
        }
        found = self.fails(Feed(self.plan, {**self.background, **copies}))
        return [kept for number, kept in zip(numbers, candidates, strict=True) if number in found]

    def _told(self, number: int, kept: Sequence[int]) -> list[Arrival]:
        story = tell(self.plan, f"story {self.number}", number)
        return [story[index] for index in kept]

    def shrunk(self) -> list[Arrival]:
        kept: Sequence[int] = range(len(tell(self.plan, f"story {self.number}", self.number)))
        size = math.ceil(len(kept) / 4)
        while size and kept:
            chunks = [set(kept[start : start + size]) for start in range(0, len(kept), size)]
            print(f"    {len(kept)} rows, without {size} at a time", flush=True)
            needless = [
                set(kept) - set(left)
                for left in self._failing_in_parts([_without(kept, chunk) for chunk in chunks])
            ]
            if needless:
                # Each can go; how many of them can go together?
                unions = [set().union(*needless[: end + 1]) for end in range(len(needless))]
                together = self._failing_in_parts([_without(kept, union) for union in unions])
                kept = min(together, key=len)
            size = min(size, math.ceil(len(kept) / 2)) if needless else size // 2
            if needless and size == 1 and len(needless) == len(chunks):
                break
        return self._told(self.number, kept)

    def _failing_in_parts(self, candidates: Sequence[Sequence[int]]) -> list[Sequence[int]]:
        parts = [
            candidates[start : start + MOST_COPIES]
            for start in range(0, len(candidates), MOST_COPIES)
        ]
        return [kept for part in parts for kept in self.failing(part)]


def _without(kept: Sequence[int], gone: set[int]) -> list[int]:
    return [index for index in kept if index not in gone]


def _cut(plan: Plan, step: int) -> Plan:
    """The plan up to a build, which alone is compared."""
    steps = [replace(planned, is_compared=False) for planned in plan.steps[: step + 1]]
    steps[-1] = replace(steps[-1], is_compared=True)
    return replace(plan, steps=steps)


def _without_step(feed: Feed, step: int) -> Feed:
    """The loads before one build are there before the next instead."""
    plan = feed.plan
    steps = [*plan.steps[:step], *plan.steps[step + 1 :]]
    loads = [
        replace(load, step=load.step - 1 if load.step > step else load.step) for load in plan.loads
    ]
    gone = {
        number: [
            replace(arrival, gone_at_step=arrival.gone_at_step - 1)
            if arrival.gone_at_step is not None and arrival.gone_at_step > step
            else arrival
            for arrival in story
        ]
        for number, story in feed.arrivals.items()
    }
    return Feed(replace(plan, steps=steps, loads=loads), gone)


def shrink(feed: Feed, project: Project, directory: Path) -> str:
    """The smallest story that shows a difference, in words."""
    step, found = follow(Replay(feed, project, directory / "whole"), is_compared_always=True)
    if not found:
        return f"{feed}: nothing differs"
    print(described(feed, step, found), flush=True)
    plan = _cut(feed.plan, step)
    shops = set.intersection(*(difference.shops for difference in found if difference.shops))
    shops = shops or set().union(*(difference.shops for difference in found))
    for number in sorted(shops & feed.arrivals.keys()):
        others = {shop: story for shop, story in feed.arrivals.items() if shop != number}
        for background in ({}, others):
            shrinker = Shrinker(
                project, directory / f"{number}_{bool(background)}", plan, number, background
            )
            whole = range(len(feed.arrivals[number]))
            if number in shrinker.fails(Feed(plan, {**background, number: shrinker._told(number, whole)})):
                print(f"shop {number} fails with {len(background)} others", flush=True)
                story = shrinker.shrunk()
                return _told_shortly(shrinker, Feed(plan, {**background, number: story}))
    return f"{feed}: differs, but no shop fails by itself"


def _told_shortly(shrinker: Shrinker, feed: Feed) -> str:
    """Without the builds that do not matter."""
    for step in reversed(range(len(feed.plan.steps) - 1)):
        shorter = _without_step(feed, step)
        if len(shorter.plan.steps) > 1 and shrinker.fails(shorter):
            feed = shorter
    step, found = follow(Replay(feed, shrinker.project, shrinker.directory / "last"))
    lines = [described(feed, step, found), "", "The story:"]
    for number, planned in enumerate(feed.plan.steps):
        lines.append(f"build {number}: {planned}")
        for arrival in feed.arrivals[shrinker.number]:
            is_new = feed.plan.loads[arrival.load].step == number
            if is_new or arrival.gone_at_step == number:
                sign = "+" if is_new else "-"
                columns = feed.plan.columns(arrival.table, arrival.load)
                cells = ", ".join(
                    f"{name}={arrival.row[name]}" for name in columns if arrival.row[name] is not None
                )
                file = f"{arrival.table}/{feed.plan.loads[arrival.load].name}"
                lines.append(f"  {sign} {file}: {cells}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("seed")
    parser.add_argument("--shrink", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        project = Project(Path(scratch) / "dbt")
        feed = draw_feed(arguments.seed)
        if arguments.shrink:
            print(shrink(feed, project, Path(scratch) / "shrunk"))
            return
        replay = Replay(feed, project, Path(scratch) / "feed")
        step, found = follow(replay, is_compared_always=True)
        print(described(feed, step, found) if found else f"{feed}: nothing differs")
        for number, why in replay.built_anew.items():
            print(f"build {number} took everything anew: {why}")


if __name__ == "__main__":
    main()
