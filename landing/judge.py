"""Great Expectations judges the checks of batches, and writes Data Docs of them.

A batch is put to it as a data frame of one row: its profile, a column per check. So the size of a
batch never matters. Importing Great Expectations takes seconds: only a run with something to judge
does it.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Read at the import below: nothing is sent anywhere.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import jinja2
import pandas as pd
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.expectations import (
    ExpectColumnMaxToBeBetween,
    ExpectColumnValuesToBeInSet,
    Expectation,
)

from landing.macros import Fault
from landing.profile import Batch
from landing.rules import Check

SITE = "data_docs"
HERE = Path(__file__).parent
# What Great Expectations' pages would fetch from elsewhere.
REMOTE = re.compile(
    r"<script[^>]*\bsrc=\"https?:[^>]*></script>|<link[^>]*\bhref=\"https?:[^>]*>"
    r"|<img[^>]*\bsrc=\"https?:[^>]*>|<footer>.*?</footer>",
    re.DOTALL,
)

# A page of the suite alone would say the same once more, without what was seen; it is not made.
TO_SUITE = re.compile(r"<a [^>]*\bhref=\"[^\"]*/expectations/[^>]*>(.*?)</a>", re.DOTALL)

Judged = list[tuple[Batch, list[tuple[Check, bool]]]]


class Judge:
    """A context of Great Expectations that lives as long as this run."""

    def __init__(self, site: Path):
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        self.site = site
        # In memory but for the pages below; by default it leaves a directory in /tmp behind.
        stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
        self.context = gx.get_context(
            mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=stores)
        )
        self.context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self.source = self.context.data_sources.add_pandas("landing")

    def judge(self, batch: Batch, checks: Sequence[Check]) -> list[tuple[Check, bool]]:
        """Each check with whether it is met. Raises Fault where one could not be judged at all."""
        name = _page_name(batch)
        frame = pd.DataFrame({check.name: [check.seen] for check in checks})
        asset = self.source.add_dataframe_asset(name)
        suite = gx.ExpectationSuite(name, expectations=[_expectation(check) for check in checks])
        validation = self.context.validation_definitions.add(
            gx.ValidationDefinition(
                name=name,
                data=asset.add_batch_definition_whole_dataframe("profile"),
                suite=self.context.suites.add(suite),
            )
        )
        result = validation.run(batch_parameters={"dataframe": frame})
        met = {}
        for verdict in result.results:
            column = verdict.expectation_config.kwargs["column"]
            # It 'completes' over an expectation that raised: no answer is not a yes.
            if verdict.exception_info.get("raised_exception") is not False:
                raise Fault(f"{batch.table}.{column} could not be judged: {verdict.exception_info}")
            met[column] = bool(verdict.success)
        return [(check, met[check.name]) for check in checks]

    def write_docs(self, judged: Judged) -> Path:
        """Data Docs of what this run judged, in the place of an earlier run's; their first page."""
        shutil.rmtree(self.site, ignore_errors=True)
        self.context.add_data_docs_site(
            site_name=SITE,
            site_config={
                "class_name": "SiteBuilder",
                "show_how_to_buttons": False,
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": str(self.site.resolve()),
                },
                "site_section_builders": {"expectations": "None", "profiling": "None"},
            },
        )
        self.context.build_data_docs(site_names=[SITE])
        _make_local(self.site)
        index = self.site / "index.html"
        index.write_text(_index(self.site, judged), encoding="utf-8")
        return index


def _expectation(check: Check) -> Expectation:
    about: Mapping[str, Any] = {"column": check.name, "severity": check.severity}
    if isinstance(check.seen, str):
        return ExpectColumnValuesToBeInSet(value_set=[check.allowed], **about)
    return ExpectColumnMaxToBeBetween(min_value=check.lowest, max_value=check.highest, **about)


def _page_name(batch: Batch) -> str:
    return re.sub(r"[^\w-]+", "_", f"{batch.table}-{batch.batch_id}")


def _index(site: Path, judged: Judged) -> str:
    """The first page: each batch with what it does not meet. Great Expectations' own is a script
    that is drawn by libraries from elsewhere."""
    template = jinja2.Environment(autoescape=True).from_string(
        (HERE / "data_docs_index.html").read_text(encoding="utf-8")
    )
    pages = {page.parts[-4]: page.relative_to(site) for page in site.glob("validations/*/*/*/*")}
    batches = [
        {
            "page": pages.get(_page_name(batch)),
            "batch": batch,
            "expectations": len(results),
            "unmet": [check for check, is_met in results if not is_met],
        }
        for batch, results in judged
    ]
    return template.render(batches=batches, style=_style())


def _style() -> str:
    return (HERE / "data_docs.css").read_text(encoding="utf-8")


def _make_local(site: Path) -> None:
    """Pages that open without a network: what they would fetch goes, data_docs.css stands in."""
    style = f"<style>{_style()}</style></head>"
    for page in site.rglob("*.html"):
        text = TO_SUITE.sub(r"\1", REMOTE.sub("", page.read_text(encoding="utf-8")))
        page.write_text(text.replace("</head>", style, 1), encoding="utf-8")
