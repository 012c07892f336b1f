"""The project's vars and those of a command line, read without dbt, which takes seconds to import."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

PROJECT_FILE = Path(__file__).resolve().parents[1] / "dbt_project.yml"


class NoVariables(Exception):
    """What was given as vars is no mapping; the message says how it is given."""


def parse_variables(text: str) -> dict[str, Any]:
    """Vars as dbt takes them, YAML, as a mapping. Raises NoVariables."""
    try:
        variables = yaml.safe_load(text or "{}")
    except yaml.YAMLError:
        variables = None
    if not isinstance(variables, dict):
        raise NoVariables("Give vars as YAML: --vars '{reporting_currency: EUR}'.")
    return variables


def project_variables(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The project's vars, with those of the command line in their place."""
    project = yaml.safe_load(PROJECT_FILE.read_text(encoding="utf-8"))
    return {**project["vars"], **overrides}
