"""Where the raw tables lie, and what else the hand-written builds must know of the project."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
ORDER_STATUSES = REPOSITORY / "seeds" / "order_statuses.csv"
# The public key of demo data: what the project takes without RETENTION_HASH_KEY.
HASH_KEY = "public key of the demo data"


def raw_files(raw_directory: Path, table: str) -> list[str]:
    """The files of a raw table: one file, or a folder of them."""
    one_file = raw_directory / f"{table}.parquet"
    return [str(one_file)] if one_file.exists() else sorted(map(str, (raw_directory / table).glob("**/*.parquet")))
