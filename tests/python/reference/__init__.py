"""The marts as a person with pencil and paper would make them.

Plain Python, written from the definitions of the contract and not from the SQL: dictionaries,
sets, Decimal and dates, day by day where a definition speaks of days. Slow, and easy to check.

    expected = expect(raw, Settings.from_vars({"as_of_date": "2024-06-30"}))
    expected.tables["rpt_retention_by_period"]   # a list of rows
"""

from reference.expect import GRAINS_OF_TABLES, Expected, expect
from reference.raw import KEYS
from reference.retail_calendar import retail_days
from reference.settings import Settings, read_statuses
from reference.windows import WINDOWS

__all__ = [
    "GRAINS_OF_TABLES",
    "KEYS",
    "WINDOWS",
    "Expected",
    "Settings",
    "expect",
    "read_statuses",
    "retail_days",
]
