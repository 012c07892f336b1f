"""Growth accounting: where the customers and the money of a period came from, what was lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from reference.orders import Sale
from reference.periods import Period
from reference.raw import Row
from reference.retention import report_periods, segments_of
from reference.settings import Settings
from reference.statistics import ratio

NOTHING = Decimal(0)


def rpt_growth_accounting(
    sales: Iterable[Sale], customer_rows: Iterable[Row], as_of: date | None, settings: Settings
) -> list[Row]:
    """Each period, for each segment. `sales` are the counted orders up to as_of."""
    sales = list(sales)
    if as_of is None or not sales:
        return []
    return [
        {
            "period_grain": period.grain,
            "period_start": period.start,
            "period_end": period.end,
            "is_complete": period.end <= as_of,
            **segment.labels,
            **_accounts(list(segment.histories.values()), period),
        }
        for segment in segments_of(sales, customer_rows, settings)
        for period in report_periods(sales, as_of, settings)
    ]


def _accounts(histories: list[list[Sale]], period: Period) -> Row:
    """Each customer on one line of the account, by what they did in this period and the last."""
    lines: dict[str, list[tuple[Decimal, Decimal]]] = {
        name: [] for name in ("new", "retained", "resurrected", "lost")
    }
    before = period.before()
    for history in histories:
        now_sales = [sale.net_sales for sale in history if sale.order_date in period]
        old_sales = [sale.net_sales for sale in history if sale.order_date in before]
        if not now_sales and not old_sales:
            continue
        if not now_sales:
            line = "lost"
        elif old_sales:
            line = "retained"
        else:
            line = "new" if history[0].order_date in period else "resurrected"
        lines[line].append((sum(old_sales, NOTHING), sum(now_sales, NOTHING)))
    counts = {name: len(pairs) for name, pairs in lines.items()}
    return {
        "active": counts["new"] + counts["retained"] + counts["resurrected"],
        "previous_active": counts["retained"] + counts["lost"],
        **counts,
        "quick_ratio": ratio(counts["new"] + counts["resurrected"], counts["lost"]),
        **_money(lines),
    }


def _money(lines: dict[str, list[tuple[Decimal, Decimal]]]) -> Row:
    """The net sales of each line; what stayed, came on top or fell away of those who stayed."""
    everybody = [pair for pairs in lines.values() for pair in pairs]
    new = sum((now for _, now in lines["new"]), NOTHING)
    resurrected = sum((now for _, now in lines["resurrected"]), NOTHING)
    expansion = sum((now - old for old, now in lines["retained"] if now > old), NOTHING)
    contraction = sum((old - now for old, now in lines["retained"] if old > now), NOTHING)
    lost = sum((old for old, _ in lines["lost"]), NOTHING)
    return {
        "net_sales": sum((now for _, now in everybody), NOTHING),
        "previous_net_sales": sum((old for old, _ in everybody), NOTHING),
        "new_net_sales": new,
        "resurrected_net_sales": resurrected,
        "retained_net_sales": sum((min(pair) for pair in lines["retained"]), NOTHING),
        "expansion_net_sales": expansion,
        "contraction_net_sales": contraction,
        "lost_net_sales": lost,
        "quick_ratio_net_sales": ratio(new + resurrected + expansion, contraction + lost),
    }
