"""House rules, read off the parsed project and the tree. A failure lists who breaks the rule."""

from __future__ import annotations

import csv
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import Macro, ManifestNode, SeedNode

from harness import REPOSITORY, Project

PROJECT = "retention_warehouse"
LARGEST_FILE = 1_000_000

# What each floor may read. The way of a row is one line, and no arrow goes back: facts and dimensions
# are the ground on which the steps towards a report stand; nothing stands on a report.
MAY_READ = {
    "staging": {"source"},
    "landing": {"source"},
    "intermediate": {"seed", "staging", "intermediate", "facts"},
    "facts": {"seed", "intermediate", "facts"},
    # What the landing gate has found is no step of a row's way: its reports show it as it was kept.
    "reports": {"intermediate", "facts", "landing"},
}

ENGINES = (
    r"duckdb|spark|databricks|postgres|snowflake|bigquery|redshift|"
    r"target\.(type|name)|adapter\.type"
)
CLOCKS = (
    r"\b(current_date|current_time|current_timestamp|localtimestamp|getdate|sysdate)\b|"
    r"\brun_started_at\b|\bmodules\.datetime\b|\b(now|today)\s*\("
)
# Syntax that Spark or Postgres reads otherwise or not at all; macros/cross_db has what is needed.
ENGINE_SYNTAX = {
    "::": r"::",
    "//": r"//",
    "qualify": r"\bqualify\b",
    "asof": r"\basof\b",
    "group by all": r"\b(group|order)\s+by\s+all\b",
    "recursive": r"\bwith\s+recursive\b",
    "a list literal": r"\[",
    "a double-quoted name": r'"',
}

JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*|^\s*#[^\n]*", re.DOTALL | re.MULTILINE)
SQL_TEXT = re.compile(r"'(?:[^']|'')*'")


@pytest.fixture(scope="module")
def manifest(project: Project) -> Manifest:
    return project.manifest


def nodes_of(manifest: Manifest, resource_type: str) -> list[ManifestNode]:
    nodes = (node for node in manifest.nodes.values() if node.resource_type == resource_type)
    return sorted(nodes, key=lambda node: node.name)


def models_of(manifest: Manifest, floor: str | None = None) -> list[ManifestNode]:
    return [
        node for node in nodes_of(manifest, "model") if floor is None or floor_of_model(node) == floor
    ]


def own_macros(manifest: Manifest) -> list[Macro]:
    macros = (macro for macro in manifest.macros.values() if macro.package_name == PROJECT)
    return sorted(macros, key=lambda macro: macro.name)


def is_variant(macro: Macro) -> bool:
    """default__x or duckdb__x: what an engine makes of a macro that is documented as x."""
    return "__" in macro.name


def is_data_test(macro: Macro) -> bool:
    return macro.name.startswith("test_")


def called_by_dbt(manifest: Manifest) -> set[str]:
    """Macros that no line calls: dbt finds them by their names."""
    configs = [node.config for node in models_of(manifest)]
    return {
        "generate_schema_name",
        "get_where_subquery",
        "should_full_refresh",
        *(
            f"materialization_{config.materialized}_{engine}"
            for config in configs
            for engine in ("default", "duckdb", "spark")
        ),
        *(f"get_incremental_{config.incremental_strategy}_sql" for config in configs),
    }


def without_comments(code: str) -> str:
    return COMMENT.sub(" ", code)


def sql_of(node: ManifestNode) -> str:
    """The SQL that the model itself spells: no comment, no Jinja, no text in quotes."""
    return SQL_TEXT.sub("''", JINJA.sub(" ", without_comments(node.raw_code)))


def jinja_of(node: ManifestNode) -> str:
    return " ".join(JINJA.findall(without_comments(node.raw_code)))


def dbt_files(*folders: str) -> dict[Path, str]:
    """What the SQL and YAML files in some folders say, without comments."""
    return {
        file.relative_to(REPOSITORY): without_comments(file.read_text(encoding="utf-8"))
        for folder in folders
        for file in sorted((REPOSITORY / folder).rglob("*"))
        if file.suffix in (".sql", ".yml")
    }


def assert_none(offenders: Iterable[str]) -> None:
    said = sorted(offenders)
    assert not said, "\n" + "\n".join(said)


# ---------------------------------------------------------------- what is written about a thing


def test_each_model_has_a_yaml_of_its_name_beside_it(manifest: Manifest) -> None:
    assert_none(
        f"{node.original_file_path}: described in {node.patch_path or 'nothing'}"
        for node in models_of(manifest)
        if node.patch_path
        != f"{PROJECT}://{Path(node.original_file_path).with_suffix('.yml').as_posix()}"
    )


def test_each_model_says_first_what_a_row_is(manifest: Manifest) -> None:
    assert_none(
        f"{node.name}: {node.description[:60]!r}"
        for node in models_of(manifest)
        if not node.description.lstrip().startswith("One row per ")
    )


def test_each_mart_has_an_enforced_contract(manifest: Manifest) -> None:
    assert_none(
        node.name for node in marts_of(manifest) if not node.config.contract.enforced
    )


def test_each_column_of_a_mart_has_a_type_and_a_description(manifest: Manifest) -> None:
    assert_none(
        f"{node.name}.{column.name}: {column.data_type or 'no type'}, {column.description!r}"
        for node in marts_of(manifest)
        for column in node.columns.values()
        if not column.data_type or not column.description.strip()
    )


def test_each_raw_column_is_described(manifest: Manifest) -> None:
    assert_none(
        f"{source.name}.{column.name}"
        for source in manifest.sources.values()
        for column in source.columns.values()
        if not column.description.strip()
    )


def seed_header(node: SeedNode) -> list[str]:
    with (REPOSITORY / node.original_file_path).open(encoding="utf-8", newline="") as lines:
        return next(csv.reader(lines))


def test_each_seed_column_is_described(manifest: Manifest) -> None:
    assert_none(
        f"{node.name}.{name}"
        for node in nodes_of(manifest, "seed")
        for name in seed_header(node)
        if name not in node.columns or not node.columns[name].description.strip()
    )


def test_each_macro_is_described(manifest: Manifest) -> None:
    assert_none(
        f"{macro.original_file_path}: {macro.name}"
        for macro in own_macros(manifest)
        if not is_variant(macro) and not is_data_test(macro) and not macro.description.strip()
    )


def argument_names(macro: Macro) -> list[str]:
    """The names in the macro's own signature."""
    if macro.name.startswith("materialization_"):
        return []
    signature = re.search(r"macro\s+\w+\s*\((.*?)\)\s*-?%\}", macro.macro_sql, re.DOTALL)
    assert signature, macro.name
    arguments = signature.group(1).split(",") if signature.group(1).strip() else []
    return [argument.split("=")[0].strip() for argument in arguments]


def test_each_argument_of_a_macro_is_described(manifest: Manifest) -> None:
    assert_none(
        f"{macro.name}: takes {argument_names(macro)}, described are "
        f"{[argument.name for argument in macro.arguments if argument.description]}"
        for macro in own_macros(manifest)
        if not is_variant(macro)
        and not is_data_test(macro)
        and argument_names(macro)
        != [argument.name for argument in macro.arguments if argument.description]
    )


# Vars that decide which rows any model with periods has, and on which day a moment lies.
VARS_OF_EVERY_ROW = {"period_grains", "reporting_timezone"}


def test_each_unit_test_has_its_own_grains_and_time_zone(manifest: Manifest) -> None:
    """A build runs them with the vars of the shop, and leaves out what stands on a failed one."""
    models = {node.name: node for node in models_of(manifest)}
    assert_none(
        f"{unit_test.name} does not say its {name}"
        for unit_test in manifest.unit_tests.values()
        for name in VARS_OF_EVERY_ROW & vars_of(manifest, models[unit_test.model])
        if unit_test.overrides is None or name not in unit_test.overrides.vars
    )


def test_the_readme_lists_the_marts_that_exist(manifest: Manifest) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| marts\.(\w+) \|", readme, re.MULTILINE)
    existing = [node.alias for node in marts_of(manifest)]
    assert sorted(listed) == sorted(existing)


# ---------------------------------------------------------------- what a model may say


def test_no_model_names_an_engine(manifest: Manifest) -> None:
    assert_none(
        f"{node.name}: {match.group()}"
        for node in models_of(manifest)
        for match in re.finditer(ENGINES, without_comments(node.raw_code), re.IGNORECASE)
    )


def test_the_clock_is_read_in_two_macros() -> None:
    """One that figures depend on, and one that decides which files are read again."""
    known = {"a_day_after_arrival.sql", "settled_files.sql"}
    files = dbt_files("models", "macros", "tests/generic", "tests/singular")
    assert_none(
        f"{path}: {match.group()}"
        for path, text in files.items()
        if path.suffix == ".sql" and path.name not in known
        for match in re.finditer(CLOCKS, text, re.IGNORECASE)
    )


def test_no_model_has_syntax_of_one_engine(manifest: Manifest) -> None:
    assert_none(
        f"{node.name}: {name}"
        for node in models_of(manifest)
        for name, pattern in ENGINE_SYNTAX.items()
        if re.search(pattern, sql_of(node), re.IGNORECASE)
    )


def test_no_model_spells_a_ratio(manifest: Manifest) -> None:
    """A division belongs to a formula, and formulas to macros/metrics. SQL in Jinja counts too."""
    assert_none(
        node.name
        for node in [*models_of(manifest, "intermediate"), *marts_of(manifest)]
        if "/" in sql_of(node) or "/" in jinja_of(node)
    )


# ---------------------------------------------------------------- who reads whom


def marts_of(manifest: Manifest) -> list[ManifestNode]:
    return models_of(manifest, "facts") + models_of(manifest, "reports")


def floor_of_model(node: ManifestNode) -> str:
    """The model's folder; marts are facts (dimensions too) or reports by their names."""
    if node.fqn[1:3] == ["staging", "landing"]:
        return "landing"
    if node.fqn[1] != "marts":
        return node.fqn[1]
    return "reports" if node.name.startswith("rpt_") else "facts"


def floor_of(manifest: Manifest, unique_id: str) -> str:
    """The model's floor, or the kind of node that it is."""
    node = manifest.nodes.get(unique_id) or manifest.sources[unique_id]
    return floor_of_model(node) if node.resource_type == "model" else str(node.resource_type)


def test_each_model_stands_on_a_known_floor(manifest: Manifest) -> None:
    assert_none(
        node.original_file_path for node in models_of(manifest) if floor_of_model(node) not in MAY_READ
    )


@pytest.mark.parametrize("floor", MAY_READ)
def test_no_arrow_goes_back(floor: str, manifest: Manifest) -> None:
    assert_none(
        f"{node.name} reads {unique_id.split('.', 2)[-1]}"
        for node in models_of(manifest, floor)
        for unique_id in node.depends_on.nodes
        if floor_of(manifest, unique_id) not in MAY_READ[floor]
    )


def test_each_model_is_read_or_is_an_end(manifest: Manifest) -> None:
    read = {
        unique_id for node in models_of(manifest) for unique_id in node.depends_on.nodes
    }
    assert_none(
        node.name
        for node in models_of(manifest)
        if node.unique_id not in read and node.schema not in ("marts", "quarantine")
    )


# ---------------------------------------------------------------- what a batch leaves as it is

# Another value of these builds nothing anew: each run makes whole what they decide.
VARS_OF_WHOLE_TABLES = {
    "as_of_date",
    "at_risk_percentile",
    "churn_percentile",
    "expected_lifespan_years",
    "gross_margin_rate",
    "sparse_customers",
}


def is_kept(node: ManifestNode) -> bool:
    """Whether rows of earlier runs stay in the model's table."""
    return (
        node.config.materialized == "incremental" and node.config.incremental_strategy != "replaced"
    )


def vars_of_incremental_models(manifest: Manifest) -> set[str]:
    """The vars whose change builds everything anew, as the macro of that name lists them."""
    macro = manifest.macros[f"macro.{PROJECT}.vars_of_incremental_models"]
    return set(re.findall(r"'(\w+)'", macro.macro_sql))


def macros_below(manifest: Manifest, unique_ids: Iterable[str]) -> set[str]:
    """Macros of this project, and those that they call."""
    found: set[str] = set()
    open_ids = [unique_id for unique_id in unique_ids if f".{PROJECT}." in unique_id]
    while open_ids:
        unique_id = open_ids.pop()
        if unique_id not in found:
            found.add(unique_id)
            called = manifest.macros[unique_id].depends_on.macros
            open_ids += [one for one in called if f".{PROJECT}." in one]
    return found


def vars_of(manifest: Manifest, node: ManifestNode) -> set[str]:
    """The vars that a model's own code reads, and the macros that it calls."""
    macros = macros_below(manifest, node.depends_on.macros)
    return vars_in([node.raw_code, *(manifest.macros[macro].macro_sql for macro in macros)])


def models_above(manifest: Manifest, node: ManifestNode) -> set[str]:
    """The model itself, and all that its rows are made of."""
    found: set[str] = set()
    open_ids = [node.unique_id]
    while open_ids:
        unique_id = open_ids.pop()
        if unique_id not in found and unique_id.startswith("model."):
            found.add(unique_id)
            open_ids += manifest.nodes[unique_id].depends_on.nodes
    return found


def test_each_var_builds_everything_anew_or_need_not(manifest: Manifest) -> None:
    heeded = vars_of_incremental_models(manifest)
    assert not heeded & VARS_OF_WHOLE_TABLES
    assert heeded | VARS_OF_WHOLE_TABLES == declared_vars()


def test_no_kept_row_depends_on_a_var_that_may_change(manifest: Manifest) -> None:
    """Else rows of two values would stand in one table. as_of is heeded in another way: see DECISIONS."""
    heeded = vars_of_incremental_models(manifest) | {"as_of_date"}
    assert_none(
        f"{node.name}: {name}, read by {manifest.nodes[unique_id].name}"
        for node in models_of(manifest)
        if is_kept(node)
        for unique_id in models_above(manifest, node)
        for name in vars_of(manifest, manifest.nodes[unique_id]) - heeded
    )


def test_a_change_of_each_macro_that_kept_rows_are_made_with_is_seen(manifest: Manifest) -> None:
    """dbt knows what is called where everything is built anew. What a batch alone calls has a folder, which counts whole."""
    models = [
        node
        for node in models_of(manifest)
        if node.config.materialized in ("incremental", "increment")
    ]
    known = macros_below(manifest, [macro for node in models for macro in node.depends_on.macros])
    assert_none(
        f"{node.name} calls {macro.name}"
        for node in models
        for macro in own_macros(manifest)
        if macro.unique_id not in known
        and not macro.original_file_path.startswith("macros/incremental/")
        and re.search(rf"\b{macro.name}\(", jinja_of(node))
    )


def test_only_who_takes_a_batch_in_reads_an_increment(manifest: Manifest) -> None:
    """To anybody else it holds all rows in one run, and few in the next."""
    increments = {
        node.unique_id for node in models_of(manifest) if node.config.materialized == "increment"
    }
    assert_none(
        f"{node.name} reads {unique_id.split('.')[-1]}"
        for node in models_of(manifest)
        if node.config.materialized not in ("incremental", "increment")
        for unique_id in node.depends_on.nodes
        if unique_id in increments
    )


def models_looked_at_as_they_stood(node: ManifestNode) -> set[str]:
    """Names of the models whose tables of before this run the model's own code reads."""
    code = without_comments(node.raw_code)
    listed = " ".join(re.findall(r"known_from=\[(.*?)\]", code, re.DOTALL))
    return set(re.findall(r"as_it_stood\('(\w+)'\)", code)) | set(re.findall(r"'(\w+)'", listed))


def test_who_looks_at_a_model_as_it_stood_comes_before_it(manifest: Manifest) -> None:
    """Else the two run side by side, and what is read depends on who is faster."""
    names = {node.name: node for node in models_of(manifest)}
    assert_none(
        f"{node.name} may come after {name}"
        for node in names.values()
        for name in models_looked_at_as_they_stood(node)
        if node.unique_id not in models_above(manifest, names[name])
    )


def test_views_that_begin_batch_reads_name_no_database(manifest: Manifest) -> None:
    """Else the run after the database file was renamed ends before its first model."""
    macro = manifest.macros[f"macro.{PROJECT}.why_small_tables_are_others"]
    names = [f"stg_{table}" for table in re.findall(r"'(\w+)': 'int_\w+'", macro.macro_sql)]
    codes = {node.name: node.raw_code for node in models_of(manifest)}
    assert names
    assert_none(name for name in names if ".include(database=false)" not in codes[name])


# ---------------------------------------------------------------- nothing lies about


def declared_vars() -> set[str]:
    settings = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8"))
    return set(settings["vars"])


def used_vars() -> set[str]:
    """var('name') in SQL and YAML, and {var: name}, a default in the raw contract."""
    return vars_in(dbt_files("models", "macros", "tests", "analyses").values())


def vars_in(texts: Iterable[str]) -> set[str]:
    found = re.findall(r"""\bvar\(\s*['"](\w+)['"]|\{var:\s*(\w+)\}""", "\n".join(texts))
    return {in_call or in_default for in_call, in_default in found}


def test_each_var_is_used() -> None:
    assert_none(declared_vars() - used_vars())


def test_each_used_var_is_declared() -> None:
    assert_none(used_vars() - declared_vars())


def test_each_macro_is_called(manifest: Manifest) -> None:
    texts = dbt_files("models", "macros", "tests", "analyses")
    project_file = (REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8")
    calls = "\n".join([*texts.values(), without_comments(project_file)])
    called = called_by_dbt(manifest)
    assert_none(
        f"{macro.original_file_path}: {macro.name}"
        for macro in own_macros(manifest)
        if not is_variant(macro)
        and not is_data_test(macro)
        and macro.name not in called
        and not re.search(rf"(?<!macro ){re.escape(macro.name)}\(", calls)
    )


def test_each_variant_belongs_to_a_macro(manifest: Manifest) -> None:
    names = {macro.name for macro in own_macros(manifest)}
    assert_none(
        macro.name
        for macro in own_macros(manifest)
        if is_variant(macro) and macro.name.split("__", 1)[1] not in names
    )


def test_each_generic_test_is_used(manifest: Manifest) -> None:
    used = {
        unique_id for node in nodes_of(manifest, "test") for unique_id in node.depends_on.macros
    }
    assert_none(
        macro.name
        for macro in own_macros(manifest)
        if is_data_test(macro) and macro.unique_id not in used
    )


def locked_requirements(lock: Path) -> list[str]:
    """Each requirement with its hashes, on one line."""
    lines = lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize(
    "lock", sorted((REPOSITORY / "requirements").glob("*.txt")), ids=lambda lock: lock.name
)
def test_each_lock_is_hashed_and_names_no_host(lock: Path) -> None:
    requirements = locked_requirements(lock)
    assert requirements
    assert_none(
        requirement[:100]
        for requirement in requirements
        if "--hash=sha256:" not in requirement
        or re.search(r"://|--(extra-)?index|--find-links| @ ", requirement)
    )


def test_no_tracked_file_is_large() -> None:
    if not (REPOSITORY / ".git").exists():
        pytest.skip("no git here, so nothing is tracked")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True, text=True
    ).stdout
    files = [REPOSITORY / name for name in listed.split("\0") if name]
    assert_none(
        f"{file.relative_to(REPOSITORY)}: {file.stat().st_size:,} bytes"
        for file in files
        if file.is_file() and file.stat().st_size > LARGEST_FILE
    )
