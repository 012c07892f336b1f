"""On Spark the same figures as on DuckDB: the models as they stand, every table that people read, row for row.

`make spark` runs it, with pyspark and dbt-spark beside what other tests need, and Java 17. The shops are those of
test_properties; here no reference judges them, DuckDB does.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner

from databases import SCHEMAS, unequal_tables
from harness import COMMANDS, REPOSITORY, Builder, environment
from reference import Settings
from scenarios import SCENARIOS, WHOLE
from shops import raw_zone

pytestmark = pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="make spark")

RAW_SCHEMA = "lake"
# JSON of a whole raw row: engines write moments and decimals in it in ways of their own.
NOT_COMPARED = "raw_row"


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session in this process, which dbt-spark's method `session` finds."""
    from pyspark.sql import SparkSession

    home = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "3g")
        .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={home}")
        .config("spark.sql.warehouse.dir", str(home / "warehouse"))
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.ui.enabled", "false")
        .enableHiveSupport()
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.mark.parametrize("scenario", ["defaults", "new_york", "berlin_with_raw_kolkata"])
def test_spark_equals_duckdb(scenario: str, build: Builder, spark: Any, tmp_path: Path) -> None:
    """Of these shops' files the first hold text, the second types, the third doubles."""
    variables = SCENARIOS[scenario]
    drawn = raw_zone(f"{scenario} 0", Settings.from_vars(variables), is_whole=scenario in WHOLE)
    layout = drawn.layout if drawn.layout.startswith("parquet") else "parquet of text"
    raw = replace(drawn, layout=layout, in_folders=False).write(tmp_path / "raw")

    on_duckdb = build(raw, vars=variables, command="run")
    assert on_duckdb.success, on_duckdb.failures

    # Shops before may have had tables that this one has not.
    spark.sql(f"drop database if exists {RAW_SCHEMA} cascade")
    spark.sql(f"create database {RAW_SCHEMA}")
    for file in raw.glob("*.parquet"):
        spark.sql(f"create table {RAW_SCHEMA}.{file.stem} using parquet location '{file}'")
    with environment(RETENTION_RAW_SCHEMA=RAW_SCHEMA, RETENTION_SPARK_METHOD="session", RETENTION_THREADS="1"):
        result = dbtRunner().invoke([
            *COMMANDS["run"],
            *("--target", "spark"),
            *("--vars", json.dumps(variables)),
            *("--project-dir", str(REPOSITORY)),
            *("--profiles-dir", str(REPOSITORY)),
            *("--target-path", str(tmp_path / "target")),
            *("--log-path", str(tmp_path / "logs")),
        ])
    assert result.success, result.exception

    copies = {"duckdb": tmp_path / "of_duckdb.duckdb", "spark": tmp_path / "of_spark.duckdb"}
    _copy_tables(on_duckdb.path, copies, _dumped(spark, tmp_path / "dumped"))
    found = unequal_tables(copies["duckdb"], copies["spark"], tmp_path / "compared.duckdb")
    assert not found, "\n".join(str(difference) for difference in found)


def _dumped(spark: Any, directory: Path) -> Path:
    """Each table that people read, as Parquet."""
    for schema in SCHEMAS:
        for row in spark.sql(f"show tables in {schema}").collect():
            table = f"{schema}.{row['tableName']}"
            spark.table(table).coalesce(1).write.parquet(str(directory / table))
    return directory


def _copy_tables(database: Path, copies: dict[str, Path], dumped: Path) -> None:
    """The tables of both engines, in two databases, with the types of DuckDB."""
    schemas = ", ".join(f"'{schema}'" for schema in SCHEMAS)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{database}' as {database.stem} (read_only)")
        for name, path in copies.items():
            connection.execute(f"attach '{path}' as of_{name}")
            for schema in SCHEMAS:
                connection.execute(f"create schema of_{name}.{schema}")
        tables = connection.execute(
            "select table_schema || '.' || table_name, "
            "list(struct_pack(name := column_name, type := data_type) order by ordinal_position) "
            "from information_schema.columns "
            f"where table_schema in ({schemas}) and table_catalog = '{database.stem}' and column_name <> '{NOT_COMPARED}' "
            "group by 1"
        ).fetchall()
        assert {table for table, _ in tables} == {path.name for path in dumped.iterdir()}
        for table, columns in tables:
            selected = ", ".join(f'cast("{column["name"]}" as {column["type"]}) as "{column["name"]}"' for column in columns)
            connection.execute(f"create table of_duckdb.{table} as select {selected} from {database.stem}.{table}")
            connection.execute(f"create table of_spark.{table} as select {selected} from '{dumped / table}/*.parquet'")
