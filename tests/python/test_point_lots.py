"""Lots of points against the reference's queue, which takes entry by entry, over thousands of random ledgers.

All ledgers go through one build: each is another member of one of the programmes, which differ in how
points expire. The draws seek out what goes wrong: moments shared by many entries, redemptions dated
before the earning that pays them, lots that end out of order, pending points, orders taken back after
their points were spent, members who spend more than they have. Tame ledgers are among them too, so that
the closed form has its share.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from compare import differences, report
from harness import Build, Builder, write_csv
from reference.lots import Account, accounts_of, fct_point_lots, rpt_ledger_anomalies, signed_points
from reference.programs import COMPUTED, POSTED
from reference.raw import Row, local_date
from reference.settings import Settings

MEMBERS = 3000
TIMEZONE = "America/New_York"
AS_OF = date(2024, 3, 1)
FIRST_DAY = datetime(2023, 2, 27)
# The last two hours lie on the day before where the shop is.
TIMES = [timedelta(hours=17), timedelta(hours=17, seconds=1), timedelta(0), timedelta(hours=4, minutes=59)]
LEAP_DAY = datetime(2024, 2, 29, 17)
POINTS = [Decimal(text) for text in ("1", "10", "25", "100", "33.3333", "0.0001")]


@dataclass(frozen=True)
class Program:
    """How points of a programme expire, and how that is known."""

    days: int | None = None
    told: str | None = None
    has_expire_entries: bool = False


PROGRAMS = {
    "seen posted": Program(has_expire_entries=True),
    "posted after days": Program(days=30, has_expire_entries=True),
    "told posted": Program(told=POSTED),
    "nothing seen": Program(),
    "computed after days": Program(days=365),
    "told computed": Program(days=28, told=COMPUTED, has_expire_entries=True),
}


TOLD = {name: program.told for name, program in PROGRAMS.items() if program.told}
DECLARED = [
    {"program_id": name, "points_expire_after_days": program.days} for name, program in PROGRAMS.items()
]
SETTINGS = Settings(as_of_date=AS_OF, reporting_timezone=TIMEZONE, points_expiry=TOLD)


class Ledger:
    """One member's entries while they are drawn."""

    def __init__(self, number: int, program_id: str):
        self.random = Random(f"ledger {number}")
        self.number = number
        self.program_id = program_id
        self.program = PROGRAMS[program_id]
        self.is_tame = self.random.random() < 0.4
        self.span = self.random.choice([3, 30, 400])
        self.entries: list[Row] = []

    def entry(self, transaction_type: str, points: Decimal, at: datetime, **more) -> None:
        # Ids in another order than the entries: as text m10 comes before m9.
        number = self.random.choice([0, 50]) + len(self.entries)
        self.entries.append(
            {
                "loyalty_transaction_id": f"m{self.number}-{number}-{len(self.entries)}",
                "customer_id": f"c{self.number}",
                "program_id": self.program_id,
                "transaction_type": transaction_type,
                "points": points,
                "occurred_at": at,
                "available_at": at,
                "expires_at": None,
                "order_id": None,
                "activity": "birthday" if len(self.entries) % 3 == 2 else "purchase",
                "partner_id": None,
                "_loaded_at": "2024-03-02",
            }
            | more
        )

    def moment(self) -> datetime:
        if self.span == 400 and self.random.random() < 0.1:
            return LEAP_DAY
        return FIRST_DAY + timedelta(days=self.random.randrange(self.span)) + self.random.choice(TIMES)

    def order_id(self) -> str | None:
        return self.random.choice([None, "o1", "o1", "o2", "o3"])

    def wild(self) -> list[Row]:
        kinds = ["earn"] * 5 + ["redeem"] * 3 + ["cancel_earn"] * 3 + ["adjust"] * 2 + ["restore"]
        kinds += ["expire"] * (2 if self.program.has_expire_entries else 0)
        for _ in range(self.random.randint(1, 16)):
            kind, at, points = self.random.choice(kinds), self.moment(), self.random.choice(POINTS)
            if kind == "adjust":
                points *= self.random.choice([-1, 1, 0])
            more = {}
            if kind in ("earn", "restore", "adjust"):
                lasts = self.random.choice([None, None, 0, 1, 30, 30, 365, 366])
                more["expires_at"] = None if lasts is None else at + timedelta(days=lasts)
                more["available_at"] = at + timedelta(days=self.random.choice([0, 0, 0, -1, 3, 40]))
            order_id = self.order_id() if kind != "adjust" else None
            self.entry(kind, points, at, order_id=order_id, **more)
        return self.entries

    def tame(self) -> list[Row]:
        """Lots that end as they came, pending for as long; orders taken back soon; little spent."""
        lasts = self.random.choice([None, 60, 365])
        waits = self.random.choice([0, 0, 14])
        at = FIRST_DAY
        for number in range(self.random.randint(1, 8)):
            at += timedelta(days=self.random.choice([0, 1, 20, 45]), seconds=self.random.randrange(3))
            ends = None if lasts is None else at + timedelta(days=lasts)
            order_id, points = f"t{number}", self.random.choice(POINTS[1:4])
            more = {"available_at": at + timedelta(days=waits), "expires_at": ends, "order_id": order_id}
            self.entry("earn", points, at, **more)
            if self.random.random() < 0.3:
                self.entry("earn", points / 2, at + timedelta(minutes=1), **more)
            spend = self.random.random()
            soon = at + timedelta(days=self.random.choice([0, 1, 15]), minutes=2)
            if spend < 0.3:
                self.entry("cancel_earn", points * self.random.choice([1, 1, 2]) / 2, soon, order_id=order_id)
            elif spend < 0.6:
                self.entry("redeem", self.random.choice(POINTS[:3]), soon)
            elif spend < 0.7 and self.program.has_expire_entries:
                self.entry("expire", Decimal(5), at + timedelta(days=70))
        return self.entries

    def draw(self) -> list[Row]:
        return self.tame() if self.is_tame else self.wild()


@dataclass(frozen=True)
class Drawn:
    """The entries of all members, and what the queue makes of them."""

    entries: list[Row]
    accounts: list[Account]


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    names = list(PROGRAMS)
    ledgers = [Ledger(number, names[number % len(names)]) for number in range(MEMBERS)]
    entries = [entry for ledger in ledgers for entry in ledger.draw()]
    # Rows of the last load are looked at again by the next batch: nearly all are older.
    entries[-1]["_loaded_at"] = "2024-03-03"
    return Drawn(entries, list(accounts_of(entries, DECLARED, SETTINGS).values()))


def take_in(build: Builder, raw: Path, entries: list[Row], select: str, **more) -> Build:
    write_csv(raw / "loyalty_transactions.csv", entries)
    write_csv(raw / "loyalty_programs.csv", [row for row in DECLARED if row["points_expire_after_days"]])
    order = {"order_id": "o", "customer_id": "c0", "ordered_at": "2024-02-29", "subtotal_amount": "1"}
    write_csv(raw / "orders.csv", [order | {"_loaded_at": "2024-03-02"}])
    variables = {"points_expiry": TOLD, "reporting_timezone": TIMEZONE, "as_of_date": AS_OF.isoformat()}
    result = build(raw, vars=variables, command="run", select=select, **more)
    assert result.success, "\n".join(result.failures) or result.output
    return result


LOTS = "+fct_point_lots +fct_points_balances +rpt_ledger_anomalies"


@pytest.fixture(scope="module")
def made(drawn: Drawn, build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    # Nothing less than all incremental models is a build to go on from.
    select = f"order_statuses +config.materialized:incremental {LOTS}"
    result = take_in(build, tmp_path_factory.mktemp("lots"), drawn.entries, select)
    yield result
    result.close()


def is_purchase(entry: Row) -> bool:
    return (entry["transaction_type"], entry["activity"]) == ("earn", "purchase")


def lot_uses(accounts: list[Account]) -> list[Row]:
    """What left each lot, and what no lot covered."""
    rows = []
    for account in accounts:
        entries = {entry["loyalty_transaction_id"]: entry for entry in account.entries}
        found = [(lot, use.entry_id, use.kind, use.points) for lot in account.lots for use in lot.uses]
        found += [(None, entry_id, "uncovered", points) for entry_id, points in account.uncovered.items()]
        for lot, entry_id, use_type, points in found:
            used_at = entries[entry_id]["occurred_at"] if entry_id else lot.expires_at
            rows.append(
                {
                    "lot_loyalty_transaction_id": lot.entry["loyalty_transaction_id"] if lot else None,
                    "use_loyalty_transaction_id": entry_id,
                    "use_type": use_type,
                    "transaction_type": entries[entry_id]["transaction_type"] if entry_id else "lapse",
                    "customer_id": account.customer_id,
                    "program_id": account.program_id,
                    "lot_is_purchase": is_purchase(lot.entry) if lot else None,
                    "lot_earned_date": lot.earned_date if lot else None,
                    "use_date": local_date(used_at, TIMEZONE),
                    "used_at": used_at,
                    "points": points,
                }
            )
    return rows


def assert_lot_uses(accounts: list[Account], made: Build) -> None:
    key = ("lot_loyalty_transaction_id", "use_loyalty_transaction_id", "use_type")
    found = made.rows("from intermediate.int_point_lot_uses")
    said = differences("int_point_lot_uses", key, lot_uses(accounts), found)
    assert not said, report(said)


def test_each_use_takes_from_the_lots_that_the_queue_says(made: Build, drawn: Drawn) -> None:
    assert_lot_uses(drawn.accounts, made)


def _by_key(accounts: list[Account]) -> dict[tuple[str, str], Account]:
    return {(account.customer_id, account.program_id): account for account in accounts}


def test_lots_hold_what_the_queue_leaves(made: Build, drawn: Drawn) -> None:
    wanted = fct_point_lots(_by_key(drawn.accounts), AS_OF)
    said = differences("fct_point_lots", ("loyalty_transaction_id",), wanted, made.rows("from marts.fct_point_lots"))
    assert not said, report(said)


def _days(account: Account) -> set[date]:
    """Days on which something changes: of entries that count, of points that can be spent, of lapses."""
    days = {entry["occurred_date"] for entry in account.entries if signed_points(entry)}
    days |= {
        lot.entry["available_date"] for lot in account.lots if lot.entry["available_date"] > lot.earned_date
    }
    days |= {lot.lapse.day for lot in account.lots if lot.lapse}
    return {day for day in days if day <= AS_OF}


def test_the_balance_of_each_day_is_what_is_left_of_the_lots(made: Build, drawn: Drawn) -> None:
    wanted = []
    for account in drawn.accounts:
        for day in sorted(_days(account)):
            lots = [lot for lot in account.lots if lot.earned_date <= day]
            # A use before the day of its lot there is none: what is left is what came less what went.
            left = sum(lot.points for lot in lots)
            left -= sum(use.points for lot in account.lots for use in lot.uses if use.day <= day)
            uncovered = account.uncovered_by(day)
            pending = sum(
                (lot.remaining(day) for lot in lots if lot.entry["available_date"] > day), Decimal(0)
            )
            wanted.append(
                {
                    "customer_id": account.customer_id,
                    "program_id": account.program_id,
                    "balance_date": day,
                    "points_balance": left - uncovered - pending,
                    "points_pending": pending,
                    "points_uncovered": uncovered,
                }
            )
    key = ("customer_id", "program_id", "balance_date")
    said = differences("fct_points_balances", key, wanted, made.rows("from marts.fct_points_balances"))
    assert not said, report(said)


def test_anomalies_are_those_of_the_queue(made: Build, drawn: Drawn) -> None:
    ledger = [
        entry | {"occurred_date": local_date(entry["occurred_at"], TIMEZONE)} for entry in drawn.entries
    ]
    wanted = rpt_ledger_anomalies(_by_key(drawn.accounts), ledger, AS_OF, SETTINGS)
    assert {name for row in wanted for name in row["anomalies"].split(",")} >= {
        *("redeems_more_than_balance", "expires_more_than_balance", "cancels_more_than_balance"),
        *("adjusts_below_zero", "spends_pending_points", "expires_before_due", "expiry_not_posted"),
        *("posted_expiry_not_used", "cancels_unknown_order"),
    }
    said = differences(
        "rpt_ledger_anomalies",
        ("loyalty_transaction_id",),
        wanted,
        made.rows("from marts.rpt_ledger_anomalies"),
    )
    assert not said, report(said)


def test_both_ways_have_their_share(made: Build) -> None:
    rows = made.rows(
        "select lot_order, count(distinct customer_id) as members "
        "from intermediate.int_point_lot_uses group by lot_order"
    )
    members = {row["lot_order"]: row["members"] for row in rows}
    assert min(members.get("closed_form", 0), members.get("folded", 0)) > MEMBERS / 10, members


def test_a_programme_that_begins_to_post_expiry_is_followed_anew(
    made: Build, drawn: Drawn, build: Builder, tmp_path: Path
) -> None:
    """The first expire entry is one member's; what lapsed by itself until then was everybody's."""
    made.close()
    database = tmp_path / "built" / made.path.name
    database.parent.mkdir()
    shutil.copyfile(made.path, database)
    ledger = Ledger(list(PROGRAMS).index("nothing seen"), "nothing seen")
    ids = {"loyalty_transaction_id": "posted", "_loaded_at": "2024-03-04"}
    ledger.entry("expire", Decimal(4), FIRST_DAY + timedelta(days=200), **ids)
    entries = [*drawn.entries, *ledger.entries]
    accounts = list(accounts_of(entries, DECLARED, SETTINGS).values())
    modes = {(before.mode, after.mode) for before, after in zip(drawn.accounts, accounts, strict=True)}
    assert (COMPUTED, POSTED) in modes
    again = take_in(build, tmp_path / "raw", entries, LOTS, database=database)
    assert "Everything is built anew" not in again.output
    assert_lot_uses(accounts, again)
