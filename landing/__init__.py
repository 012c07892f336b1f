"""The landing gate: judges each batch of raw rows before anything is built from it.

    macros.py        the project's own raw macros, run without dbt
    declaration.py   the raw tables as the project declares them, and its vars
    profile.py       what DuckDB knows of a batch: counts, shares, quantiles, words
    rules.py         what may be expected of a batch, by the batches before it
    thresholds.yml   every number in the rules, with its unit
    judge.py         Great Expectations judges, and writes Data Docs
    warehouse.py     the warehouse, opened as a build opens it
    history.py       profiles and verdicts that are kept in the warehouse
    gate.py          which batches are new, and what becomes of them

A batch is the rows of one load: those whose `_loaded_at` lies on one local day or, without that
column, the table as it lies there. Rules are about batches alone: rows are judged by the project's
own declaration and models.
"""
