# Every target works from a fresh clone: what it needs is made first.
PYTHON ?= python3
BIN := .venv/bin
DEMO_RAW := demo/data/raw

.DEFAULT_GOAL := help
# As it was typed, quotes and all, into the environment of a recipe.
export REASON
.PHONY: help setup demo demo-data land doctor map docs pictures test proof spark bench lint lock clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: .venv/.installed  ## make .venv with everything the project needs, from the hashed lock

.venv/.installed: requirements/bootstrap.txt requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed, this is " + sys.version.split()[0] + ": make setup PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements/dev.txt requirements/bootstrap.txt
	@touch $@

demo-data: $(DEMO_RAW)/.made  ## make the demo shop's raw tables in demo/data/raw

$(DEMO_RAW)/.made: .venv/.installed $(shell find demo -path demo/mappings -prune -o \( -name '*.py' -o -name '*.sql' \) ! -name show.py -print)
	@rm -rf demo/data
	$(BIN)/python -m demo --out $(DEMO_RAW)
	@touch $@

demo: demo-data  ## set up, make demo data, judge it, build, test and show the numbers
	RETENTION_RAW_DIR=$(DEMO_RAW) RETENTION_DB=warehouse.duckdb $(BIN)/python -m landing
	RETENTION_RAW_DIR=$(DEMO_RAW) RETENTION_DB=warehouse.duckdb $(BIN)/dbt --quiet build
	$(BIN)/python -m demo.show warehouse.duckdb

land: .venv/.installed  ## judge what has landed, before a build: [ACCEPT=table.rule REASON='...']
	@$(BIN)/python -m landing $(if $(RAW),"$(RAW)") $(if $(ACCEPT),--accept "$(ACCEPT)" --reason "$$REASON") $(if $(VARS),--vars '$(VARS)')

doctor: .venv/.installed  ## look at your own files before a build: RAW=dir
	@$(BIN)/python -m doctor "$(RAW)" $(if $(VARS),--vars '$(VARS)')

map: .venv/.installed  ## make a raw table of an export: EXPORT=file MAPPING=orders.sql OUT=dir
	@$(BIN)/python -m doctor.map "$(EXPORT)" "$(MAPPING)" "$(OUT)"

docs: demo-data  ## describe all models, columns, macros and metrics in one HTML page
	$(BIN)/python docs/make_glossary.py
	@mkdir -p target/docs
	RETENTION_RAW_DIR=$(DEMO_RAW) RETENTION_DB=target/docs/warehouse.duckdb $(BIN)/dbt --quiet build --resource-type seed --resource-type model
	RETENTION_RAW_DIR=$(DEMO_RAW) RETENTION_DB=target/docs/warehouse.duckdb $(BIN)/dbt --quiet docs generate --static
	$(BIN)/python docs/make_page.py

pictures: .venv/.installed  ## draw the pictures in docs/pictures
	$(BIN)/python docs/make_pictures.py

test: .venv/.installed  ## run the tests (a few minutes)
	$(BIN)/pytest

proof: .venv/.installed  ## compare increments with full builds, feed by feed (hours): [FEEDS=1-300]
	RETENTION_FEEDS=$(or $(FEEDS),1-300) $(BIN)/pytest --dist=load --verbose tests/python/test_incremental.py

spark: .venv-spark/.installed  ## compare a build on Spark with one on DuckDB (needs Java 17; half an hour)
	.venv-spark/bin/pytest --numprocesses=0 --verbose tests/python/test_spark.py

.venv-spark/.installed: .venv/.installed requirements/spark.txt
	$(PYTHON) -m venv .venv-spark
	$(BIN)/uv pip sync --quiet --compile-bytecode --python .venv-spark/bin/python --require-hashes requirements/spark.txt
	@touch $@

bench: .venv/.installed  ## what a build and a daily run cost, against hand-written SQL and polars (two hours)
	$(BIN)/python -m benchmarks

lint: .venv/.installed  ## lint models, macros and tests with sqlfluff's dbt templater
	$(BIN)/sqlfluff lint --disable-progress-bar models tests/generic tests/singular analyses macros

lock: .venv/.installed  ## renew the locks in requirements/ from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links --generate-hashes --upgrade requirements/bootstrap.in -o requirements/bootstrap.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links --generate-hashes --upgrade pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links --generate-hashes --upgrade pyproject.toml --group dev -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links --generate-hashes --constraint requirements/dev.txt pyproject.toml --group dev --group spark -o requirements/spark.txt

clean:  ## remove what was built, demo data too; .venv stays
	rm -rf target logs demo/data warehouse.duckdb warehouse.duckdb.wal
