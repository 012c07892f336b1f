"""python docs/make_glossary.py: docs/metrics.md, the glossary of the metrics.

Every sentence comes from macros/metrics/_metrics.yml, where each formula is documented; this file
only lays them out. A test fails where docs/metrics.md is not what this makes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]
SOURCE = PROJECT / "macros/metrics/_metrics.yml"
GLOSSARY = PROJECT / "docs/metrics.md"

HEAD = """\
# Metrics

<!-- Made by `make docs` from macros/metrics/_metrics.yml: edit it there. -->

"""
# A description has up to four parts, in this order; each begins with its own words.
PARTS = re.compile(r"(?<=[.;:]) (?=Edge cases: |Source: |Never )")


def glossary() -> str:
    """The page."""
    macros = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))["macros"]
    contents = "".join(f"* [{macro['name']}](#{macro['name']})\n" for macro in macros)
    return HEAD + contents + "".join(_entry(macro) for macro in macros)


def _entry(macro: dict[str, Any]) -> str:
    name = macro["name"]
    paragraphs = PARTS.split(" ".join(macro["description"].split()))
    arguments = "".join(
        f"| {argument['name']} | {' '.join(argument['description'].split())} |\n"
        for argument in macro.get("arguments", [])
    )
    table = f"| argument | |\n|---|---|\n{arguments}\n" if arguments else ""
    return (
        f"\n## {name}\n\n"
        + "".join(f"{_marked(paragraph)}\n\n" for paragraph in paragraphs)
        + table
        + f"Formula: [macros/metrics/{name}.sql](../macros/metrics/{name}.sql)\n"
    )


def _marked(paragraph: str) -> str:
    """The word that a part begins with in bold, names of columns and vars as code."""
    as_code = re.sub(r"\b\w*_\w+\b", r"`\g<0>`", paragraph.replace("<", "&lt;"))
    return re.sub(r"^(Edge cases:|Source:|Never\b)", r"**\1**", as_code)


if __name__ == "__main__":
    GLOSSARY.write_text(glossary(), encoding="utf-8")
    print(f"{GLOSSARY.relative_to(PROJECT)}: written")
