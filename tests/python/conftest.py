"""Fixtures for every test: one parsed project, any number of builds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness import Build, Builder, Project


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project, parsed at its first build."""
    return Project(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="session")
def build(project: Project) -> Iterator[Builder]:
    """`build(raw, vars=..., select=..., command="build" | "test" | "run")` gives a Build."""
    builds: list[Build] = []

    def make(*arguments, **named_arguments) -> Build:
        for earlier in builds:
            # A database that is built once more must have no reader in this process.
            if earlier.path == named_arguments.get("database"):
                earlier.close()
        builds.append(project.build(*arguments, **named_arguments))
        return builds[-1]

    yield make
    for made in builds:
        made.close()
