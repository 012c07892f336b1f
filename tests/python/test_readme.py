"""What the documents show was run: the README's commands, in a copy of the repository.

The copy is what a fresh clone would be, with the changes that are not committed yet. Its .venv is
the one that runs this test, so that setting up has nothing to do.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from harness import REPOSITORY, write_csv

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md"]
DOCUMENTS += [f"docs/{path.name}" for path in sorted((REPOSITORY / "docs").glob("*.md"))]

PLACEHOLDER = "/path/to/your/files"
# This test is a part of `make test`, so that target is only asked what it would do.
NEVER_RUN = {"make test": "make -n test"}
# It alone runs all tests, unit tests too. The other commands would test the same models once more: that is half of
# their time.
TESTED = "make demo"

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def commands_of(markdown: str) -> list[str]:
    """Each command of the bash blocks, continued lines joined, its comment taken off."""
    blocks = [body for language, body in FENCE.findall(markdown) if language == "bash"]
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [command for line in lines if (command := re.sub(r"\s+#.*", "", line).strip())]


COMMANDS = commands_of(README)


def files_of_the_repository() -> list[Path]:
    """Relative paths of what is tracked, or would be."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("no git here, so nothing says what belongs to the repository")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [Path(name) for name in listed.split("\0") if name and (REPOSITORY / name).is_file()]


def lend_environment(directory: Path) -> None:
    """A .venv of links, with a stamp of its own: make finds it newer than the lock."""
    directory.mkdir()
    for entry in Path(sys.prefix).iterdir():
        if entry.name != ".installed":
            (directory / entry.name).symlink_to(entry)
    (directory / ".installed").touch()


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("clone")
    for file in files_of_the_repository():
        (directory / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / file, directory / file)
    for lock in (directory / "requirements").iterdir():
        os.utime(lock, (0, 0))
    lend_environment(directory / ".venv")
    return directory


@pytest.fixture(scope="module")
def own_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader's own files: orders in the four columns."""
    directory = tmp_path_factory.mktemp("own files")
    rows = [("1", "anna", "2026-01-05", "10"), ("2", "anna", "2026-02-05", "20.50")]
    names = ["order_id", "customer_id", "ordered_at", "subtotal_amount"]
    write_csv(directory / "orders.csv", [dict(zip(names, row, strict=True)) for row in rows])
    return directory


def environment_of(command: str, own_files: Path) -> dict[str, str]:
    """A reader's who has exported the directory; no trace of the make that runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RETENTION_", "DBT_", "MAKE", "MFLAGS", "PYTEST"))
    }
    if command != TESTED:
        kept["DBT_EXCLUDE_RESOURCE_TYPES"] = "unit_test test"
    return kept | {"RETENTION_RAW_DIR": str(own_files)}


Ran = dict[str, "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def ran(clone: Path, own_files: Path) -> Ran:
    """All commands, in the README's order, as one reader types them."""
    return {
        command: subprocess.run(
            ["bash", "-c", NEVER_RUN.get(command, command).replace(PLACEHOLDER, f"'{own_files}'")],
            cwd=clone,
            env=environment_of(command, own_files),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command in COMMANDS
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs(command: str, ran: Ran) -> None:
    assert ran[command].returncode == 0, ran[command].stdout


def test_no_placeholder_is_left() -> None:
    assert [name for name in COMMANDS if "/path/to" in name.replace(PLACEHOLDER, "")] == []


def value_of(database: Path, sql: str) -> object:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchone()[0]


def test_the_commands_make_what_they_say(ran: Ran, clone: Path) -> None:
    """The demo's figures; the reader's own shop; the same in the default place, with other vars."""
    assert "%" in ran["make demo"].stdout
    assert list((clone / "demo/data/raw").glob("orders*"))
    for database in ("my_shop.duckdb", "warehouse.duckdb"):
        assert value_of(clone / database, "select count(*) from marts.fct_orders") == 2
    as_of = "select cast(as_of_date as varchar) from intermediate.int_as_of"
    assert value_of(clone / "my_shop.duckdb", as_of) == "2026-02-05"
    assert value_of(clone / "warehouse.duckdb", as_of) == "2026-05-31"


def test_doctor_ends_with_the_command_to_build(ran: Ran, own_files: Path) -> None:
    said = next(result.stdout for command, result in ran.items() if "make doctor" in command)
    last_lines = " ".join(said.split()[-12:])
    assert "dbt build" in last_lines
    assert own_files.name.split()[-1] in last_lines


def test_each_environment_variable_is_explained() -> None:
    explained = set(re.findall(r"^\| (RETENTION_\w+) \|", README, re.MULTILINE))
    sources = [REPOSITORY / "profiles.yml", *(REPOSITORY / "macros").rglob("*.sql")]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    assert explained == set(re.findall(r"env_var\('(RETENTION_\w+)'", text))


def tree_of(markdown: str) -> list[str]:
    """The paths of the annotated tree: two spaces of indent for each folder around."""
    (body,) = (body for language, body in FENCE.findall(markdown) if body.startswith("models/"))
    paths: list[str] = []
    folders: list[str] = []
    for line in body.splitlines():
        name = line.split()[0]
        folders = [*folders[: (len(line) - len(line.lstrip())) // 2], name.rstrip("/")]
        paths.append("/".join(folders))
    return paths


def test_the_tree_of_the_readme_stands(clone: Path) -> None:
    assert [path for path in tree_of(README) if not (clone / path).exists()] == []


def links_of(markdown: str) -> list[str]:
    """Relative targets of links and pictures, outside of code."""
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", markdown))
    targets = re.findall(r"\]\(\s*<?([^)\s>]+)", text)
    targets += re.findall(r"(?:src|href)=\"([^\"]+)", text)
    return [target for target in targets if not re.match(r"[a-z]+:|#", target)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_relative_links_lead_somewhere(document: str, clone: Path) -> None:
    markdown = (clone / document).read_text(encoding="utf-8")
    folder = (clone / document).parent
    assert [
        link for link in links_of(markdown) if not (folder / link.split("#")[0]).exists()
    ] == []
