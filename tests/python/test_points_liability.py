"""The points liability: the example of IFRS 15 from raw rows, and all other figures computed apart.

IFRS 15 IE267-270 (ASC 606 Example 52): sales of 100,000 earn 10,000 points, each worth 1 off a later
purchase; 9,500 are expected to be redeemed, so 8,676 of the price is deferred. 4,500 are redeemed in
the first year: 4,110 is recognised. In the second year 9,700 are expected and 8,500 redeemed in all: 3,493,
and 1,073 is left.

The rest is a random ledger without declared rates. The lots and their uses are taken from the build; what
follows from them is computed here day by day, as the definitions say it.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from harness import Build, Builder, write_csv

Row = dict[str, Any]
MODELS = "+rpt_points_liability +rpt_points_vintages +rpt_partner_settlement"
END = date(2024, 12, 31)
# A day in the middle of a month, whose own figures are not complete.
MIDDLE = date(2024, 11, 13)
POINT_VALUE = {"ladder": 0.01, "estimated": 0.02, "idle": 0.05}
ESTIMATES = {"estimated": {date(2024, 3, 15): 0.6, date(2024, 9, 30): 0.4}}


# ---------------------------------------------------------------- the raw zone


def example(program: str, last_entry: Row) -> Iterator[tuple[str, Row]]:
    """Ten customers, one order each, and what they redeem: 4,500 points and then 4,000."""
    for number in range(10):
        customer = f"{program}-{number}"
        yield "orders", {
            "order_id": customer,
            "customer_id": customer,
            "ordered_at": "2023-01-16 12:00:00",
            "subtotal_amount": 11_000,
            "discount_amount": 1_000,
        }
        entries = [
            {"transaction_type": "earn", "points": 1_000, "order_id": customer, "day": "2023-01-16"},
            {"transaction_type": "redeem", "points": 450, "day": "2023-06-30"},
            {"transaction_type": "redeem", "points": 400, "day": "2024-12-31"},
            last_entry,
        ]
        for place, entry in enumerate(entries):
            if entry:
                yield "loyalty_transactions", {
                    "loyalty_transaction_id": f"{customer}-{place}",
                    "customer_id": customer,
                    "program_id": program,
                    "transaction_type": entry["transaction_type"],
                    "points": entry["points"],
                    "order_id": entry.get("order_id"),
                    "occurred_at": f"{entry['day']} 13:00:00",
                }


def random_ledger(program: str, dice: random.Random) -> Iterator[tuple[str, Row]]:
    """Two years of a programme: orders and gifts, spent, cancelled, given back, lapsed, and months without a lot."""
    for number in range(40):
        customer = f"{program}-{number}"
        for place in range(30):
            day = date(2023, 1, 10) + timedelta(days=dice.randrange(720))
            kind = dice.choices(
                ["order", "gift", "redeem", "cancel_earn", "restore", "adjust"], [8, 3, 6, 1, 1, 1]
            )[0]
            if kind in ("order", "gift", "restore") and day.month in (7, 8) and day.year == 2023:
                continue
            entry_id = f"{customer}-{place}"
            entry: Row = {
                "loyalty_transaction_id": entry_id,
                "customer_id": customer,
                "program_id": program,
                "transaction_type": {"order": "earn", "gift": "earn"}.get(kind, kind),
                "activity": "birthday" if kind == "gift" else "purchase",
                "points": dice.randrange(1, 400),
                "occurred_at": f"{day} {dice.randrange(24):02}:00:00",
            }
            if kind in ("order", "gift", "restore") and dice.random() < 0.8:
                entry["expires_at"] = f"{day + timedelta(days=dice.randrange(30, 400))} 00:00:00"
            if kind == "adjust" and dice.random() < 0.5:
                entry["points"] *= -1
            if kind == "cancel_earn":
                entry["order_id"] = f"{customer}-{dice.randrange(place + 1)}"
            if kind == "order":
                # Some entries name no order, or one that nobody knows; some share one.
                entry["order_id"] = dice.choice([entry_id, entry_id, entry_id, f"{customer}-0", None])
                if dice.random() < 0.9:
                    yield "orders", {
                        "order_id": entry_id,
                        "customer_id": customer,
                        "ordered_at": entry["occurred_at"],
                        "subtotal_amount": dice.randrange(20, 300),
                        "discount_amount": dice.randrange(20),
                    }
            yield "loyalty_transactions", entry


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables: defaultdict[str, list[Row]] = defaultdict(list)
    lapse = {"transaction_type": "expire", "points": 150, "day": "2024-12-31"}
    for program, last_entry in [("example", {}), ("same_estimate", {}), ("all_over", lapse)]:
        for table, row in example(program, last_entry):
            tables[table].append(row)
        tables["loyalty_programs"].append({"program_id": program, "point_value": 1})
        tables["redemption_estimates"].append(estimate(program, "2023-01-01", 0.95))
    tables["redemption_estimates"].append(estimate("example", "2024-12-31", 0.97))

    dice = random.Random(606)
    for program, point_value in POINT_VALUE.items():
        if program != "idle":
            for table, row in random_ledger(program, dice):
                tables[table].append(row)
        tables["loyalty_programs"].append({"program_id": program, "point_value": point_value})
        for day, rate in ESTIMATES.get(program, {}).items():
            tables["redemption_estimates"].append(estimate(program, str(day), rate))
    # Points that nobody has touched yet.
    for month in (9, 10, 11):
        tables["loyalty_transactions"].append(
            {
                "loyalty_transaction_id": f"idle-{month}",
                "customer_id": "idle-0",
                "program_id": "idle",
                "transaction_type": "earn",
                "points": 100,
                "occurred_at": f"2024-{month:02}-05 12:00:00",
            }
        )
    directory = tmp_path_factory.mktemp("points") / "raw"
    for table, rows in tables.items():
        write_csv(directory / f"{table}.csv", rows)
    return directory


def estimate(program: str, day: str, rate: float) -> Row:
    return {"program_id": program, "effective_from": day, "expected_redemption_rate": rate}


@pytest.fixture(scope="module")
def shops(build: Builder, raw: Path) -> dict[date, Build]:
    """The same rows, seen on either day."""
    made = {}
    for as_of in (END, MIDDLE):
        made[as_of] = build(raw, vars={"as_of_date": str(as_of)}, select=MODELS, command="run")
        assert made[as_of].success, "\n".join(made[as_of].failures) or made[as_of].output
    return made


# ---------------------------------------------------------------- the example


def years_of(shop: Build, program: str) -> list[tuple[int, ...]]:
    """Deferred at issue, recognised and left in each year, in whole units."""
    return [
        tuple(round(row[name]) for name in ("deferred_at_issue", "revenue_recognised", "deferred_revenue"))
        for row in shop.rows(
            "select * from marts.rpt_points_liability "
            f"where period_grain = 'year' and program_id = '{program}' order by period_start"
        )
    ]


@pytest.mark.parametrize(
    "program, second_year",
    [("example", (0, 3493, 1073)), ("same_estimate", (0, 3653, 913)), ("all_over", (0, 4566, 0))],
)
def test_the_example_of_ifrs_15(
    shops: dict[date, Build], program: str, second_year: tuple[int, ...]
) -> None:
    assert years_of(shops[END], program) == [(8676, 4110, 4566), second_year]


# ---------------------------------------------------------------- computed apart


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    return first_day(month + 1) - timedelta(days=1)


@dataclass(frozen=True)
class Lot:
    lot_id: str
    order_id: str | None
    is_purchase: bool
    day: date
    points: float


class Program:
    """Lots of a programme and what became of them, and what follows from it by definition."""

    def __init__(self, shop: Build, program: str, as_of: date):
        self.shop = shop
        self.name = program
        self.point_value = POINT_VALUE[program]
        self.estimates = ESTIMATES.get(program, {})
        self.as_of = as_of
        lots = shop.rows(
            "select loyalty_transaction_id, order_id, transaction_type, activity, earned_date, points_earned "
            f"from intermediate.int_point_lots where program_id = '{program}' "
            f"and earned_date <= '{self.as_of}'"
        )
        self.lots = [
            Lot(
                row["loyalty_transaction_id"],
                row["order_id"],
                (row["transaction_type"], row["activity"]) == ("earn", "purchase"),
                row["earned_date"],
                float(row["points_earned"]),
            )
            for row in lots
        ]
        self.uses: defaultdict[str, list[tuple[str, date, float]]] = defaultdict(list)
        for row in shop.rows(
            "select * from intermediate.int_point_lot_uses "
            f"where program_id = '{program}' and use_date <= '{self.as_of}'"
        ):
            use = (row["use_type"], row["use_date"], float(row["points"]))
            self.uses[row["lot_loyalty_transaction_id"] or "none"].append(use)
        prices = shop.rows("select order_id, gross_sales - discounts as price from marts.fct_orders")
        self.prices = {row["order_id"]: float(row["price"]) for row in prices}
        self.months = sorted({month_of(lot.day) for lot in self.lots})

    def of_month(self, month: int, is_purchase: bool | None = None) -> list[Lot]:
        return [
            lot
            for lot in self.lots
            if month_of(lot.day) == month and is_purchase in (None, lot.is_purchase)
        ]

    def used(self, lots: list[Lot], use_type: str, day: date) -> float:
        return sum(
            points
            for lot in lots
            for word, use_date, points in self.uses[lot.lot_id]
            if word == use_type and use_date <= day
        )

    @cache  # noqa: B019
    def sums(self, month: int, day: date, is_purchase: bool | None = None) -> dict[str, float]:
        lots = [lot for lot in self.of_month(month, is_purchase) if lot.day <= day]
        sums = {word: self.used(lots, word, day) for word in ("redeemed", "expired", "cancelled")}
        sums["issued"] = sum(lot.points for lot in lots)
        sums["net"] = sums["issued"] - sums["cancelled"]
        sums["outstanding"] = sums["net"] - sums["redeemed"] - sums["expired"]
        return sums

    def redeemed(self, month: int, age: int) -> float:
        return self.sums(month, min(last_day(month + age), self.as_of))["redeemed"]

    def declared_rate(self, day: date) -> float | None:
        days = sorted(self.estimates)
        place = bisect_right(days, day)
        return self.estimates[days[place - 1]] if place else None

    @cache  # noqa: B019
    def ultimate(self, month: int, at: int) -> tuple[str, float | None]:
        """The ultimate redemption rate of a vintage as estimated at the end of a month."""
        day = min(last_day(at), self.as_of)
        sums = self.sums(month, day)
        declared = self.declared_rate(day)
        complete = at if last_day(at) <= self.as_of else at - 1
        ended = sum(
            self.sums(other, day)["redeemed"] + self.sums(other, day)["expired"]
            for other in self.months
            if other <= at
        )
        if declared is not None:
            source, points = "redemption_estimates", declared * sums["net"]
        elif complete <= self.months[0] or not ended:
            source, points = "none", sums["net"]
        else:
            source, points = "chain_ladder", self.developed(month, at - month, complete)
        points = max(sums["redeemed"], min(points, sums["redeemed"] + sums["outstanding"]))
        return source, points / sums["net"] if sums["net"] else None

    def developed(self, month: int, age: int, complete: int) -> float:
        redeemed = self.redeemed(month, age)
        grown, added = redeemed, 0.0
        for step in range(age, complete - self.months[0]):
            known = [other for other in self.months if other + step + 1 <= complete]
            before = sum(self.redeemed(other, step) for other in known)
            after = sum(self.redeemed(other, step + 1) for other in known)
            issued = sum(self.sums(other, self.as_of)["issued"] for other in known)
            grown *= after / before if before else 1
            added += (after - before) / issued if issued else 0
        return grown if redeemed else self.sums(month, self.as_of)["issued"] * added

    @cache  # noqa: B019
    def rate_at_issue(self, day: date) -> float:
        declared = self.declared_rate(day)
        if declared is not None:
            return declared
        for month in reversed(self.months):
            if month < month_of(day):
                rate = self.ultimate(month, month_of(day) - 1)[1]
                if rate is not None:
                    return rate
        return 1.0

    @cache  # noqa: B019
    def deferred_lots(self) -> dict[str, float]:
        alone = {
            lot.lot_id: lot.points * self.point_value * self.rate_at_issue(lot.day)
            for lot in self.lots
            if lot.is_purchase
        }
        of_order: defaultdict[str | None, float] = defaultdict(float)
        for lot in self.lots:
            of_order[lot.order_id] += alone.get(lot.lot_id, 0)
        deferred = {}
        for lot in self.lots:
            if lot.is_purchase:
                price = self.prices.get(lot.order_id or "")
                share = 1.0 if price is None else price / (price + of_order[lot.order_id])
                deferred[lot.lot_id] = alone[lot.lot_id] * share
        return deferred

    def expected(self, month: int, day: date, is_purchase: bool) -> float:
        sums = self.sums(month, day, is_purchase)
        rate = self.declared_rate(day)
        at = month_of(day + timedelta(days=1)) - 1
        if rate is None and at >= month:
            rate = self.ultimate(month, at)[1]
        if rate is None:
            lots = [lot for lot in self.of_month(month, is_purchase) if lot.day <= day]
            weighted = sum(lot.points * self.rate_at_issue(lot.day) for lot in lots)
            rate = weighted / sums["issued"] if sums["issued"] else 1.0
        return max(sums["redeemed"], min(rate * sums["net"], sums["redeemed"] + sums["outstanding"]))

    def liability(self, day: date) -> dict[str, float]:
        """All balances of a day."""
        of_day: defaultdict[str, float] = defaultdict(float)
        for month in self.months:
            for is_purchase in (True, False):
                sums = self.sums(month, day, is_purchase)
                expected = self.expected(month, day, is_purchase)
                of_day["points_outstanding"] += sums["outstanding"]
                of_day["points_not_cancelled"] += sums["net"]
                of_day["expected_redemptions"] += expected
                if not is_purchase:
                    of_day["cost_accrual"] += (expected - sums["redeemed"]) * self.point_value
                    continue
                deferred = sum(
                    self.deferred_lots()[lot.lot_id]
                    * (1 - self.used([lot], "cancelled", day) / lot.points)
                    for lot in self.of_month(month, True)
                    if lot.day <= day
                )
                share = sums["redeemed"] / expected if expected else 1
                of_day["deferred_revenue"] += deferred * (1 - share)
        return of_day


@pytest.fixture(
    scope="module",
    params=[(name, as_of) for name in POINT_VALUE for as_of in (END, MIDDLE)],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def program(shops: dict[date, Build], request: pytest.FixtureRequest) -> Program:
    name, as_of = request.param
    return Program(shops[as_of], name, as_of)


def test_every_vintage_at_every_age(program: Program) -> None:
    rows = program.shop.rows(
        f"select * from marts.rpt_points_vintages where program_id = '{program.name}'"
    )
    found = {(month_of(row["vintage_month"]), row["age_months"]): row for row in rows}
    last = month_of(program.as_of)
    wanted = {(month, age) for month in program.months for age in range(last - month + 1)}
    assert found.keys() == wanted and len(rows) == len(found)
    sources = set()
    for (month, age), row in found.items():
        sums = program.sums(month, min(last_day(month + age), program.as_of))
        for word in ("redeemed", "expired", "cancelled", "outstanding"):
            assert float(row[f"points_{word}"]) == sums[word], (month, age, word)
        assert float(row["points_issued"]) == program.sums(month, program.as_of)["issued"]
        source, rate = program.ultimate(month, month + age)
        sources.add(source)
        assert row["estimate_source"] == source, (month, age)
        assert is_near(row["ultimate_redemption_rate"], rate), (month, age, row, rate)
        assert is_near(row["breakage_rate"], None if rate is None else 1 - rate)
    wanted_sources = {"ladder": {"none", "chain_ladder"}, "idle": {"none"}}
    assert sources == wanted_sources.get(
        program.name, {"none", "chain_ladder", "redemption_estimates"}
    )


def is_near(found: float | None, wanted: float | None, tolerance: float = 1e-7) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return math.isclose(float(found), wanted, rel_tol=tolerance, abs_tol=tolerance)


@pytest.mark.parametrize("grain", ["week", "month", "quarter", "year"])
def test_every_liability(program: Program, grain: str) -> None:
    rows = program.shop.rows(
        "select * from marts.rpt_points_liability "
        f"where period_grain = '{grain}' and program_id = '{program.name}' order by period_start"
    )
    assert rows[-1]["period_end"] >= program.as_of
    deferred, reversed_, recognised = 0.0, 0.0, 0.0
    for row in rows:
        wanted = program.liability(min(row["period_end"], program.as_of))
        for name in (
            "points_outstanding",
            "points_not_cancelled",
            "expected_redemptions",
            "deferred_revenue",
            "cost_accrual",
        ):
            assert is_near(row[name], wanted[name], 2e-4), (row, name, wanted[name])
        issued = wanted["points_not_cancelled"]
        rate = wanted["expected_redemptions"] / issued if issued else None
        assert is_near(row["expected_redemption_rate"], rate, 1e-6)
        deferred += float(row["deferred_at_issue"])
        reversed_ += float(row["deferred_reversed"])
        recognised += float(row["revenue_recognised"])
        assert is_near(float(row["deferred_revenue"]), deferred - reversed_ - recognised, 1e-6)
    assert is_near(deferred, sum(program.deferred_lots().values()), 1e-3)
    assert program.name == "idle" or min(deferred, reversed_, recognised) > 0
