"""python -m demo --out DIR: write the raw data of a demo shop."""

import argparse
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import track

from demo.parameters import Parameters
from demo.shop import Shop, customers_for_orders

DEFAULTS = Parameters()


def parse_arguments() -> argparse.Namespace:
    """Where the shop goes, and how large it is."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the raw tables go")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--customers", type=int, default=DEFAULTS.customers, help="default: %(default)s")
    size.add_argument("--orders", type=int, help="as many customers as make about so many orders")
    parser.add_argument("--years", type=float, default=DEFAULTS.years, help="default: %(default)s")
    parser.add_argument("--end-date", type=date.fromisoformat, default=DEFAULTS.end_date, metavar="YYYY-MM-DD",
                        help="last day with orders, default: %(default)s")
    parser.add_argument("--seed", type=int, default=DEFAULTS.seed, help="default: %(default)s")
    parser.add_argument("--chunk-customers", type=int, default=250_000, metavar="N",
                        help="customers held in memory at a time; changes files, not rows. Default: %(default)s")
    parser.add_argument("--threads", type=int, help="default: all cores")
    parser.add_argument("--memory-limit", default="4GB", help="of DuckDB, default: %(default)s")
    return parser.parse_args()


def main() -> None:
    """Make the shop, and say where it lies."""
    arguments = parse_arguments()
    parameters = replace(
        DEFAULTS,
        customers=arguments.customers,
        years=arguments.years,
        end_date=arguments.end_date,
        seed=arguments.seed,
    )
    if arguments.orders:
        parameters = replace(parameters, customers=customers_for_orders(parameters, arguments.orders))

    shop = Shop(parameters, arguments.out, arguments.chunk_customers, arguments.threads, arguments.memory_limit)
    console = Console(stderr=True)
    for _ in track(
        shop.make(),
        total=len(shop.chunks),
        description=f"{parameters.customers:,} customers",
        console=console,
        disable=not sys.stderr.isatty(),
    ):
        pass
    print(f"raw data: {arguments.out}  what is true of it: {shop.truth_directory}")


if __name__ == "__main__":
    main()
