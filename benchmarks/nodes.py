"""What each model and test of a dbt command costs, whatever it is materialized as.

    python -m benchmarks.nodes OUTPUT.json build [arguments of dbt]

dbt runs in this process with one thread, and DuckDB in dbt's: between a node's beginning and its end, the CPU that
the process has used is the node's. dbt's own work for it (compiling, keeping its result) is in it; the same
of an empty shop tells how much that is.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.parts import KINDS, cpu_seconds

# One name for what lies between the nodes: start, parse, hooks, the last checkpoint.
REST = "dbt itself"


@dataclass(frozen=True)
class NodeCost:
    """What lies between a node's beginning and its end, in seconds."""

    name: str
    kind: str
    cpu_seconds: float
    wall_seconds: float


class Listener:
    """Looks at the clocks when dbt begins a node and when it has ended it."""

    def __init__(self) -> None:
        self.begun: dict[str, tuple[float, float]] = {}
        self.costs: list[NodeCost] = []

    def __call__(self, event: Any) -> None:
        if event.info.name == "NodeStart":
            self.begun[event.data.node_info.unique_id] = cpu_seconds(), time.perf_counter()
        elif event.info.name == "NodeFinished":
            node = event.data.node_info
            if node.resource_type not in KINDS:
                return
            cpu_before, started = self.begun.pop(node.unique_id)
            self.costs.append(
                NodeCost(
                    name=node.node_name,
                    kind=node.resource_type,
                    cpu_seconds=round(cpu_seconds() - cpu_before, 4),
                    wall_seconds=round(time.perf_counter() - started, 4),
                )
            )


def main(output: str, *command: str) -> None:
    """Run a dbt command, and write the cost of each node and of what lies between them."""
    started = time.perf_counter()
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    listener = Listener()
    result = dbtRunner(callbacks=[listener]).invoke(["--quiet", *command, "--threads", "1"])
    # Closed here, so that what DuckDB writes to its file at the end is counted.
    DuckDBConnectionManager.close_all_connections()
    rest = NodeCost(
        name=REST,
        kind="rest",
        cpu_seconds=round(cpu_seconds() - sum(cost.cpu_seconds for cost in listener.costs), 4),
        wall_seconds=round(time.perf_counter() - started - sum(cost.wall_seconds for cost in listener.costs), 4),
    )
    Path(output).write_text(json.dumps([asdict(cost) for cost in [rest, *listener.costs]]))
    if not result.success:
        sys.exit(str(result.exception or "dbt has failed: its messages stand above."))


if __name__ == "__main__":
    main(*sys.argv[1:])
