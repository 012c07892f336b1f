"""python docs/warehouses.py [DIR]: the two shops of the pages, built in DIR (target/docs).

DIR/cdnow/warehouse.duckdb    CDNOW, real purchases of 1997 and 1998, from the wheel of `lifetimes`
DIR/demo/warehouse.duckdb     the demo shop at its default size

Both are the same every time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests/python")]

from demo.parameters import Parameters  # noqa: E402
from demo.shop import Shop  # noqa: E402
from harness import Build, Project, write_csv  # noqa: E402
from test_cdnow import cdnow_orders  # noqa: E402

Warehouses = Mapping[str, Build]


def make_cdnow(raw: Path) -> None:
    """The orders of CDNOW's customers, as a raw zone."""
    write_csv(raw / "orders.csv", list(cdnow_orders()))


def make_demo(raw: Path) -> None:
    """The demo shop, as `make demo` makes it."""
    for _ in Shop(Parameters(), raw).make():
        pass


SHOPS: dict[str, Callable[[Path], None]] = {"cdnow": make_cdnow, "demo": make_demo}


def build_warehouses(build: Callable[..., Build], directory: Path) -> Warehouses:
    """Both shops, made in the directory and built by `build`, the harness's."""
    warehouses = {}
    for shop, make in SHOPS.items():
        home = directory / shop
        home.mkdir(parents=True, exist_ok=True)
        make(home / "raw")
        database = home / "warehouse.duckdb"
        database.unlink(missing_ok=True)
        warehouses[shop] = build(home / "raw", command="run", database=database)
        assert warehouses[shop].success, "\n".join(warehouses[shop].failures)
    return warehouses


@contextmanager
def built_warehouses(directory: Path | None = None) -> Iterator[Warehouses]:
    """Both shops, built in the directory or for the length of a block, open for reading."""
    with TemporaryDirectory(prefix="retention-docs-") as scratch:
        project = Project(Path(scratch))
        warehouses = build_warehouses(project.build, directory or Path(scratch))
        try:
            yield warehouses
        finally:
            for warehouse in warehouses.values():
                warehouse.close()


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "target/docs"
    with built_warehouses(home) as built:
        for warehouse in built.values():
            print(warehouse.path)
