"""python docs/make_page.py [TARGET]: dbt's documentation as one page, with every column described.

Run after `dbt docs generate`. A column that a model hands on unchanged is described where it comes
from, and a macro's variant for one engine by the macro that chooses it: the YAML says each thing
once. In the page a reader looks at one model at a time, so here the sentences are filled in, with
the name of the model that they are taken from. Writes TARGET/static_index.html.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
NAME = "retention_warehouse"
HAVE_COLUMNS = ("model", "seed", "snapshot", "source")
DECLARATION = PROJECT / "models/staging/_raw__sources.yml"
LISTED_COLUMN = re.compile(r"^#   (\w+)  +(.+)$", re.M)
OPENING_COMMENT = re.compile(
    r"\s*(?:\{#-?\s*(?P<jinja>.*?)\s*-?#\}|(?P<sql>(?:--[^\n]*\n)+))", re.S
)

Json = dict[str, Any]


def main(target: Path) -> None:
    """Write `static_index.html` beside dbt's page: the same with manifest and catalog in it."""
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    catalog = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    describe(manifest, catalog)
    page = (target / "index.html").read_text(encoding="utf-8")
    for name, content in (("MANIFEST", manifest), ("CATALOG", catalog)):
        placeholder = f'"{name}.JSON INLINE DATA"'
        assert placeholder in page, f"dbt's page has no {placeholder} any more"
        page = page.replace(placeholder, json.dumps(content).replace("</", "<\\/"))
    (target / "static_index.html").write_text(page, encoding="utf-8")
    print(f"{target / 'static_index.html'}: open it in a browser")


def describe(manifest: Json, catalog: Json) -> None:
    """Fills in what can be said of a thing without saying it twice in the YAML."""
    relations = {**catalog["nodes"], **catalog["sources"]}
    nodes = {**manifest["nodes"], **manifest["sources"]}
    written = {
        unique_id: {
            name.lower(): column["description"]
            for name, column in node["columns"].items()
            if column["description"]
        }
        for unique_id, node in nodes.items()
        if node["resource_type"] in HAVE_COLUMNS
    }
    for unique_id in written:
        for name in relations.get(unique_id, {"columns": {}})["columns"]:
            if name.lower() not in written[unique_id]:
                column = nodes[unique_id]["columns"].setdefault(
                    name, {"name": name, "meta": {}, "tags": [], "data_type": None}
                )
                column["description"] = _inherited(manifest, written, unique_id, name.lower())
    for node in manifest["nodes"].values():
        if not node["description"] and node["resource_type"] in ("analysis", "test"):
            node["description"] = _opening_comment(node.get("raw_code") or "")
    for macro in manifest["macros"].values():
        if macro["package_name"] == NAME and not macro["description"]:
            _describe_macro(manifest, macro)


def undescribed(manifest: Json, catalog: Json) -> Iterator[str]:
    """What the page would show without a word about it."""
    kinds = (*HAVE_COLUMNS, "analysis", "exposure", "metric")
    groups = ("nodes", "sources", "exposures", "metrics")
    nodes = [node for group in groups for node in manifest[group].values()]
    relations = {**catalog["nodes"], **catalog["sources"]}
    for node in nodes:
        if node["resource_type"] not in kinds or node["package_name"] != NAME:
            continue
        if not node["description"]:
            yield f"{node['resource_type']} {node['name']}"
        columns = {name.lower(): column for name, column in node.get("columns", {}).items()}
        built = relations.get(node["unique_id"], {"columns": {}})["columns"]
        for name in sorted({*columns, *(name.lower() for name in built)}):
            if not columns.get(name, {}).get("description"):
                yield f"column {node['name']}.{name}"
    for macro in manifest["macros"].values():
        if macro["package_name"] != NAME:
            continue
        if not macro["description"]:
            yield f"macro {macro['name']}"
        for argument in macro["arguments"]:
            if not argument["description"]:
                yield f"argument {argument['name']} of macro {macro['name']}"


def _inherited(manifest: Json, written: dict[str, dict[str, str]], start: str, column: str) -> str:
    """What the nearest model, a reader before a source, says of its column of that name."""
    seen, now = {start}, [start]
    while now:
        beside = [
            neighbour
            for relatives in (manifest["child_map"], manifest["parent_map"])
            for unique_id in now
            for neighbour in relatives.get(unique_id, [])
            if neighbour in written and neighbour not in seen
        ]
        for unique_id in beside:
            if column in written[unique_id]:
                origin = unique_id.split(".", 2)[-1]
                return f"{written[unique_id][column].strip()} (As in {origin}.)"
        seen.update(beside)
        now = list(dict.fromkeys(beside))
    shared = manifest["docs"].get(f"doc.{NAME}.{column}")
    return shared["block_contents"] if shared else _columns_of_every_source().get(column, "")


@cache
def _columns_of_every_source() -> dict[str, str]:
    """The columns that each conformed view has beside its own, as the declaration lists them."""
    return dict(LISTED_COLUMN.findall(DECLARATION.read_text(encoding="utf-8")))


def _describe_macro(manifest: Json, macro: Json) -> None:
    dispatched = re.fullmatch(r"(default|duckdb|spark|postgres)__(.+)", macro["name"])
    chooser = dispatched and manifest["macros"].get(f"macro.{NAME}.{dispatched[2]}")
    if chooser:
        engine = f"{chooser['name']} as {dispatched[1]} does it. "
        macro["description"] = engine + chooser["description"]
        macro["arguments"] = chooser["arguments"]
    elif macro["name"].startswith("test_"):
        source = (PROJECT / macro["original_file_path"]).read_text(encoding="utf-8")
        macro["description"] = _opening_comment(source)


def _opening_comment(code: str) -> str:
    """The comment that a file begins with, as running text."""
    comment = OPENING_COMMENT.match(code)
    if not comment:
        return ""
    text = comment["jinja"] or re.sub(r"^--\s?", "", comment["sql"], flags=re.M)
    return " ".join(text.split())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "target")
