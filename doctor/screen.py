"""The terminal, as every command of this project writes to it."""

from __future__ import annotations

import io
import os
import sys

from rich.console import Console

WIDTH = 80


def screen() -> Console:
    """A console of at most 80 columns; without escape codes under NO_COLOR or into a file."""
    # A terminal that knows no UTF-8 shows '?', not a traceback.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    console = Console(
        file=sys.stdout,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.width = min(console.width, WIDTH)
    return console
