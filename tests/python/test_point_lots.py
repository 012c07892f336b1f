"""Lots of points against a queue that takes entry by entry, over thousands of random ledgers.

All ledgers go through one build: each is another member of one of the programmes, which differ in how
points expire. The draws seek out what goes wrong: moments shared by many entries, redemptions dated
before the earning that pays them, lots that end out of order, pending points, orders taken back after
their points were spent, members who spend more than they have. Tame ledgers are among them too, so that
the closed form has its share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from compare import differences, report
from harness import Build, Builder, write_csv
from reference.point_lots import Entry, Member, follow

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

    is_computed: bool
    days: int | None = None
    told: str | None = None
    has_expire_entries: bool = False


PROGRAMS = {
    "seen posted": Program(False, has_expire_entries=True),
    "posted after days": Program(False, days=30, has_expire_entries=True),
    "told posted": Program(False, told="posted"),
    "nothing seen": Program(True),
    "computed after days": Program(True, days=365),
    "told computed": Program(True, days=28, told="computed", has_expire_entries=True),
}


class Ledger:
    """One member's entries while they are drawn."""

    def __init__(self, number: int, program: Program):
        self.random = Random(f"ledger {number}")
        self.number = number
        self.program = program
        self.is_tame = self.random.random() < 0.4
        self.span = self.random.choice([3, 30, 400])
        self.entries: list[Entry] = []

    def entry(self, transaction_type: str, points: Decimal, at: datetime, **more) -> None:
        # Ids in another order than the entries: as text m10 comes before m9.
        number = self.random.choice([0, 50]) + len(self.entries)
        entry_id = f"m{self.number}-{number}-{len(self.entries)}"
        available_at = more.pop("available_at", at)
        self.entries.append(Entry(entry_id, transaction_type, points, at, available_at, **more))

    def moment(self) -> datetime:
        if self.span == 400 and self.random.random() < 0.1:
            return LEAP_DAY
        return FIRST_DAY + timedelta(days=self.random.randrange(self.span)) + self.random.choice(TIMES)

    def order_id(self) -> str | None:
        return self.random.choice([None, "o1", "o1", "o2", "o3"])

    def wild(self) -> list[Entry]:
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

    def tame(self) -> list[Entry]:
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

    def draw(self) -> list[Entry]:
        return self.tame() if self.is_tame else self.wild()


@dataclass(frozen=True)
class Drawn:
    """All members: their programme, their entries, and what the queue makes of them."""

    program_ids: dict[str, str]
    entries: dict[str, list[Entry]]
    members: dict[str, Member]


def local_date(moment: datetime) -> date:
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(TIMEZONE)).date()


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    names = list(PROGRAMS)
    program_ids, entries, members = {}, {}, {}
    for number in range(MEMBERS):
        customer_id = f"c{number}"
        program_ids[customer_id] = names[number % len(names)]
        program = PROGRAMS[program_ids[customer_id]]
        entries[customer_id] = Ledger(number, program).draw()
        members[customer_id] = follow(
            entries[customer_id],
            is_computed=program.is_computed,
            points_expire_after_days=program.days,
        )
    return Drawn(program_ids, entries, members)


@pytest.fixture(scope="module")
def made(drawn: Drawn, build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    raw = tmp_path_factory.mktemp("lots")
    ledger = [
        {
            "loyalty_transaction_id": entry.entry_id,
            "customer_id": customer_id,
            "program_id": drawn.program_ids[customer_id],
            "transaction_type": entry.transaction_type,
            "points": entry.points,
            "occurred_at": entry.occurred_at,
            "available_at": entry.available_at,
            "expires_at": entry.expires_at,
            "order_id": entry.order_id,
        }
        for customer_id, entries in drawn.entries.items()
        for entry in entries
    ]
    write_csv(raw / "loyalty_transactions.csv", ledger)
    programs = [
        {"program_id": name, "points_expire_after_days": program.days}
        for name, program in PROGRAMS.items()
        if program.days is not None
    ]
    write_csv(raw / "loyalty_programs.csv", programs)
    order = {"order_id": "o", "customer_id": "c0", "ordered_at": "2024-02-29", "subtotal_amount": "1"}
    write_csv(raw / "orders.csv", [order])
    told = {name: program.told for name, program in PROGRAMS.items() if program.told}
    variables = {"points_expiry": told, "reporting_timezone": TIMEZONE, "as_of_date": AS_OF.isoformat()}
    result = build(
        raw,
        vars=variables,
        command="run",
        select="order_statuses +fct_point_lots +fct_points_balances +rpt_ledger_anomalies",
    )
    assert result.success, "\n".join(result.failures) or result.output
    yield result
    result.close()


def test_each_use_takes_from_the_lots_that_the_queue_says(made: Build, drawn: Drawn) -> None:
    wanted = [
        {
            "lot_loyalty_transaction_id": use.lot.entry.entry_id if use.lot else None,
            "use_loyalty_transaction_id": use.entry.entry_id if use.entry else None,
            "use_type": use.use_type,
            "transaction_type": use.entry.transaction_type if use.entry else "lapse",
            "customer_id": customer_id,
            "program_id": drawn.program_ids[customer_id],
            "lot_earned_date": local_date(use.lot.entry.occurred_at) if use.lot else None,
            "use_date": local_date(use.used_at),
            "used_at": use.used_at,
            "points": use.points,
        }
        for customer_id, member in drawn.members.items()
        for use in member.uses
    ]
    key = ("lot_loyalty_transaction_id", "use_loyalty_transaction_id", "use_type")
    said = differences("int_point_lot_uses", key, wanted, made.rows("from intermediate.int_point_lot_uses"))
    assert not said, report(said)


def test_lots_hold_what_the_queue_leaves(made: Build, drawn: Drawn) -> None:
    wanted = []
    for member in drawn.members.values():
        for lot in member.lots:
            taken = {"redeemed": Decimal(0), "expired": Decimal(0), "cancelled": Decimal(0)}
            for use in member.uses:
                if use.lot is lot and (use.entry or local_date(use.used_at) <= AS_OF):
                    taken[use.use_type] += use.points
            wanted.append(
                {
                    "loyalty_transaction_id": lot.entry.entry_id,
                    "expires_at": lot.expires_at,
                    "points_earned": lot.entry.points,
                    "points_redeemed": taken["redeemed"],
                    "points_expired": taken["expired"],
                    "points_cancelled": taken["cancelled"],
                    "points_remaining": lot.entry.points - sum(taken.values()),
                }
            )
    columns = ", ".join(wanted[0])
    found = made.rows(f"select {columns} from marts.fct_point_lots")
    said = differences("fct_point_lots", ("loyalty_transaction_id",), wanted, found)
    assert not said, report(said)


def _days(member: Member, entries: list[Entry], counts: Counter) -> set[date]:
    """Days on which something changes: of entries that count, of points that can be spent, of lapses."""
    days = {local_date(entry.occurred_at) for entry in entries if counts[entry.entry_id]}
    days |= {
        local_date(lot.entry.available_at)
        for lot in member.lots
        if local_date(lot.entry.available_at) > local_date(lot.entry.occurred_at)
    }
    days |= {local_date(use.used_at) for use in member.uses if use.entry is None}
    return {day for day in days if day <= AS_OF}


def test_the_balance_of_each_day_is_what_is_left_of_the_lots(made: Build, drawn: Drawn) -> None:
    wanted = []
    for customer_id, member in drawn.members.items():
        entries = drawn.entries[customer_id]
        counts = Counter(lot.entry.entry_id for lot in member.lots)
        counts.update(use.entry.entry_id for use in member.uses if use.entry)
        for day in sorted(_days(member, entries, counts)):
            lots = [lot for lot in member.lots if local_date(lot.entry.occurred_at) <= day]
            uses = [use for use in member.uses if local_date(use.used_at) <= day]
            # A use before the day of its lot there is none: what is left is what came less what went.
            left = sum(lot.entry.points for lot in lots) - sum(use.points for use in uses if use.lot)
            uncovered = sum((use.points for use in uses if use.lot is None), Decimal(0))
            pending = [lot for lot in lots if local_date(lot.entry.available_at) > day]
            wanted.append(
                {
                    "customer_id": customer_id,
                    "program_id": drawn.program_ids[customer_id],
                    "balance_date": day,
                    "points_balance": left - uncovered,
                    "points_pending": sum((lot.entry.points for lot in pending), Decimal(0)),
                    "points_uncovered": uncovered,
                }
            )
    key = ("customer_id", "program_id", "balance_date")
    said = differences("fct_points_balances", key, wanted, made.rows("from marts.fct_points_balances"))
    assert not said, report(said)


BEYOND_BALANCE = {
    "redeem": "redeems_more_than_balance",
    "expire": "expires_more_than_balance",
    "cancel_earn": "cancels_more_than_balance",
    "adjust": "adjusts_below_zero",
}


def _anomalies(entry: Entry, member: Member, is_computed: bool) -> set[str]:
    uses = [use for use in member.uses if use.entry is entry]
    moment = entry.occurred_at
    found = {BEYOND_BALANCE[entry.transaction_type] for use in uses if use.lot is None}
    for use in uses:
        if use.lot and use.use_type != "cancelled" and use.lot.entry.available_at > moment:
            found.add("spends_pending_points")
        if use.lot and use.use_type == "expired":
            if use.lot.expires_at is None or use.lot.expires_at > moment:
                found.add("expires_before_due")
    if is_computed and entry.transaction_type == "expire":
        found.add("posted_expiry_not_used")
    if entry.transaction_type == "cancel_earn" and entry.order_id:
        lots = [lot for lot in member.lots if lot.entry.order_id == entry.order_id]
        if all(lot.entry.occurred_at > moment for lot in lots):
            found.add("cancels_unknown_order")
    for lot in member.lots:
        if lot.entry is entry and not is_computed and lot.expires_at:
            taken = [use for use in member.uses if use.lot is lot and local_date(use.used_at) <= AS_OF]
            if local_date(lot.expires_at) < AS_OF and lot.entry.points > sum(use.points for use in taken):
                found.add("expiry_not_posted")
    return found


def test_anomalies_are_those_of_the_queue(made: Build, drawn: Drawn) -> None:
    wanted = []
    for customer_id, member in drawn.members.items():
        is_computed = PROGRAMS[drawn.program_ids[customer_id]].is_computed
        for entry in drawn.entries[customer_id]:
            found = _anomalies(entry, member, is_computed)
            if found and local_date(entry.occurred_at) <= AS_OF:
                uncovered = [use.points for use in member.uses if use.entry is entry and use.lot is None]
                wanted.append(
                    {
                        "loyalty_transaction_id": entry.entry_id,
                        "customer_id": customer_id,
                        "anomalies": ",".join(sorted(found)),
                        "points_uncovered": sum(uncovered, Decimal(0)),
                    }
                )
    assert {name for row in wanted for name in row["anomalies"].split(",")} >= {
        *BEYOND_BALANCE.values(),
        *("spends_pending_points", "expires_before_due", "expiry_not_posted"),
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


def test_a_programme_that_begins_to_post_expiry_is_followed_anew(build: Builder, tmp_path: Path) -> None:
    """The first expire entry is one member's; what lapsed by itself until then was everybody's."""
    loaded = {"_loaded_at": "2024-01-02"}
    earned = {"program_id": "club", "transaction_type": "earn", "points": 10, "order_id": None}
    earned |= {"occurred_at": "2023-01-01", "expires_at": "2023-06-01"}
    # Nothing less than all incremental models is a build to go on from.
    raw, select = tmp_path / "raw", "order_statuses +config.materialized:incremental +fct_point_lots"
    order = {"order_id": "o", "customer_id": "a", "ordered_at": "2024-01-01", "subtotal_amount": "1"}
    write_csv(raw / "orders.csv", [order | loaded])
    entries = [
        earned
        | {"loyalty_transaction_id": f"earned by {customer_id}", "customer_id": customer_id}
        | {"_loaded_at": loaded_at}
        # Rows of the last load are looked at again by the next batch: b's are older.
        for customer_id, loaded_at in {"a": "2024-01-02", "b": "2024-01-01"}.items()
    ]
    write_csv(raw / "loyalty_transactions.csv", entries)
    made = build(raw, command="run", select=select)
    assert made.success, "\n".join(made.failures) or made.output
    lots = "select customer_id, points_expired from marts.fct_point_lots order by customer_id"
    assert [row["points_expired"] for row in made.rows(lots)] == [10, 10]
    made.close()
    posted = {"customer_id": "a", "program_id": "club", "transaction_type": "expire", "points": 4}
    posted |= {"loyalty_transaction_id": "posted", "occurred_at": "2023-06-02", "_loaded_at": "2024-01-03"}
    write_csv(raw / "loyalty_transactions.csv", [*entries, posted])
    made = build(raw, command="run", select=select, database=made.path)
    assert made.success, "\n".join(made.failures) or made.output
    assert "Everything is built anew" not in made.output
    assert [row["points_expired"] for row in made.rows(lots)] == [4, 0]
