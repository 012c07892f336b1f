"""Every number of the demo shop, with its unit. SQL reads a number as $name and a list as a table of that name.

The true values behind the data (what a model should find back) are marked TRUE EFFECT.
Shapes of gamma distributions are multiples of one half: those can be drawn without rejection.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple


class Country(NamedTuple):
    """Where customers live, what they pay in, and how they buy."""

    country_code: str
    weight: float  # share of new customers, any unit
    currency: str
    tax_rate: float  # share of the discounted goods
    rate_factor: float  # purchase rate against the shop's mean
    drop_out_factor: float  # drop-out rate against the shop's mean


class Channel(NamedTuple):
    """What first brings customers, what that costs, and how they buy."""

    acquisition_channel: str
    weight: float  # share of new customers, any unit
    rate_factor: float
    drop_out_factor: float
    acquisition_cost: float  # marketing spend per new customer; 0: nothing is spent
    spend_currency: str


class Category(NamedTuple):
    """A group of products, and the shape of their prices."""

    product_category: str
    weight: float  # share of the products, any unit
    median_price: float
    price_spread: float  # standard deviation of log(price)
    cost_share: float  # unit cost / price


class Peak(NamedTuple):
    """A sale, every year."""

    first_day: str  # MM-DD
    last_day: str  # MM-DD, inclusive, in the same year
    factor: float  # on top of weekday and month
    discount_code: str
    discount_percent: int
    code_share: float  # share of orders that use the code


class Campaign(NamedTuple):
    """A message to customers, every year."""

    campaign_name: str
    sent_on: str  # MM-DD, each year
    channel: str
    purpose: str
    effect: float  # TRUE EFFECT: purchase rate of everybody it was sent to, +50 % is 0.5
    cost_per_message: float
    min_days_since_first_order: int  # who is asked


class Activity(NamedTuple):
    """What members do beside ordering, and the points it earns."""

    activity: str
    share: float  # share of members' orders that are followed by it
    days_after: int
    points: int
    partner_id: str  # '' is none


class Tier(NamedTuple):
    """A level of the points club, what it takes and what it gives."""

    tier: str
    level: int
    min_spend: float  # goods ordered in the last 365 days
    points_per_unit: float  # points for one unit of the order's currency
    upgrade_bonus: int  # points


@dataclass(frozen=True)
class Parameters:
    """All parameters of a shop."""

    # ------------------------------------------------------------------ size
    customers: int = 5_000  # persons, guests included
    years: float = 3
    end_date: date = date(2026, 6, 30)  # last day with orders
    seed: int = 42

    # ------------------------------------------------------------- behaviour
    # Every person orders once, then buys as a Poisson process until an unseen drop-out (Pareto/NBD).
    mean_days_between_orders: float = 56  # while alive, at factor 1
    purchase_rate_shape: float = 1.0  # gamma; smaller is more unequal
    drop_out_shape: float = 0.5  # gamma; smaller means a longer tail of loyal customers
    drop_out_scale_days: float = 6  # median lifetime is 3 x this at shape 0.5
    guest_person_share: float = 0.13  # persons who never make an account
    guest_drop_out_factor: float = 1.5
    account_only_share: float = 0.03  # accounts that never order
    guest_checkout_share: float = 0.05  # orders of account holders outside the programme placed as a guest
    guest_without_email_share: float = 0.03  # guest persons' orders without an e-mail
    yearly_growth: float = 0.30  # of new customers
    weekday_factors: tuple[float, ...] = (1.02, 0.95, 0.96, 0.98, 1.00, 1.04, 1.18)  # Monday first
    month_factors: tuple[float, ...] = (0.86, 0.88, 0.96, 0.98, 1.02, 0.98, 0.92, 0.92, 1.00, 1.04, 1.15, 1.28)
    peaks: tuple[Peak, ...] = (
        Peak("07-01", "07-14", 1.15, "SUMMER15", 15, 0.35),
        Peak("11-22", "11-30", 1.45, "BLACKFRIDAY20", 20, 0.55),
    )
    countries: tuple[Country, ...] = (
        Country("US", 46, "USD", 0.07, 1.00, 1.00),
        Country("GB", 14, "USD", 0.20, 1.05, 0.90),
        Country("CA", 10, "USD", 0.10, 0.90, 1.10),
        Country("AU", 6, "USD", 0.10, 0.85, 1.20),
        Country("DE", 12, "EUR", 0.19, 1.15, 0.70),
        Country("FR", 8, "EUR", 0.20, 0.90, 1.20),
        Country("NL", 4, "EUR", 0.21, 1.05, 0.80),
    )
    channels: tuple[Channel, ...] = (
        Channel("organic", 30, 1.00, 0.90, 0, "USD"),
        Channel("ppc", 22, 0.95, 1.20, 17, "USD"),
        Channel("social", 18, 0.85, 1.70, 13, "USD"),
        Channel("direct", 12, 1.10, 0.70, 0, "USD"),
        Channel("email", 6, 1.15, 0.60, 4, "USD"),
        Channel("referral", 7, 1.25, 0.50, 0, "USD"),
        Channel("other", 5, 0.80, 1.60, 9, "EUR"),  # affiliates
    )

    # --------------------------------------------------------------- baskets
    products: int = 240
    categories: tuple[Category, ...] = (
        Category("kitchen", 22, 22, 0.55, 0.48),
        Category("home", 20, 30, 0.60, 0.50),
        Category("textiles", 18, 26, 0.50, 0.42),
        Category("garden", 14, 34, 0.60, 0.52),
        Category("lighting", 10, 48, 0.55, 0.46),
        Category("stationery", 10, 9, 0.40, 0.38),
        Category("furniture", 6, 120, 0.50, 0.60),
    )
    popularity_exponent: float = 1.7  # 1: all products sell alike; larger: few sell much
    mean_extra_lines: float = 1.0  # lines beyond the first; differs by person
    max_lines: int = 9
    two_units_share: float = 0.12
    three_units_share: float = 0.03
    euro_price_factor: float = 0.95  # price in EUR / price in USD
    shipping_amount: float = 4.95
    free_shipping_from: float = 50  # discounted goods
    welcome_code_share: float = 0.28  # WELCOME10 on first orders
    thanks_code_share: float = 0.08  # THANKS5 on any other order
    campaign_code_share: float = 0.35  # COMEBACK15 on orders after a campaign
    missing_cost_share: float = 0.01  # orders whose cost the shop does not know

    # --------------------------------------------------- after the order
    cancelled_share: float = 0.03
    returned_share: float = 0.052
    whole_return_share: float = 0.55  # the others send back a part
    return_window_days: int = 28  # every return is refunded within
    refund_rows_share: float = 0.6  # returns booked in refunds; the others in the order's own columns
    fulfilment_days: int = 3  # from ordered to completed

    # ------------------------------------------------ points club (program_id 'points_club')
    # At an order a person joins with probability base + slope x (1 - exp(-relative purchase rate)):
    # heavy buyers join more, so members buy more than others with no help from the programme.
    club_join_base: float = 0.05
    club_join_slope: float = 0.46
    club_effect: float = 0.15  # TRUE EFFECT: purchase rate while a member, +15 %
    club_yearly_leavers: float = 0.05  # exits per member and year
    point_value: float = 0.01  # unit of the order's currency per point
    points_available_after_days: int = 30  # when the return window has closed
    points_expire_after_days: int = 365
    redeeming_order_share: float = 0.28  # members' orders at which points are spent, if there are enough
    product_reward_share: float = 0.02  # members' orders followed by a product from the rewards shop
    experience_share: float = 0.02  # gold members' orders that bring an invitation: 0 points
    adjusted_share: float = 0.006  # members' orders followed by a correction, up or down
    min_redeemed_points: int = 200  # points are redeemed in steps of this
    max_redeemed_share: float = 0.5  # of the order's discounted goods
    expected_redemption_rate: float = 0.55
    tiers: tuple[Tier, ...] = (
        Tier("bronze", 0, 0, 1.0, 0),
        Tier("silver", 1, 300, 1.5, 100),
        Tier("gold", 2, 900, 2.0, 250),
    )
    sign_up_points: int = 100
    birthday_points: int = 50
    referred_points: int = 150  # welcome present for who came through a friend
    activities: tuple[Activity, ...] = (
        Activity("review", 0.09, 10, 25, ""),
        Activity("survey", 0.04, 14, 15, ""),
        Activity("social", 0.02, 5, 10, ""),
        Activity("game", 0.03, 3, 10, ""),
        Activity("eco", 0.03, 6, 20, ""),
        Activity("partner_purchase", 0.03, 8, 80, "partner_cafe"),
        Activity("partner_purchase", 0.01, 12, 200, "partner_travel"),
    )

    # ------------------------------------------------ paid membership (program_id 'plus')
    plus_join_base: float = 0.002
    plus_join_slope: float = 0.035
    plus_effect: float = 0.25  # TRUE EFFECT: purchase rate while a member, +25 %
    plus_fee: float = 49  # USD for a term of 365 days
    plus_renewal_rate: float = 0.70  # of those who still buy

    # --------------------------------------------------------------- campaigns
    # Known by no more than sending: audience and hold-out are drawn, so held out against sent is fair.
    audience_share: float = 0.30  # of the customers who may be asked
    held_out_share: float = 0.20  # of the audience
    campaign_effect_days: int = 14
    campaigns: tuple[Campaign, ...] = (
        Campaign("spring_letter", "03-12", "email", "retention", 0.50, 0.002, 30),
        Campaign("summer_text", "06-05", "sms", "retention", 0.25, 0.045, 30),
        Campaign("autumn_push", "09-18", "push", "retention", 0.00, 0.000, 30),  # does nothing
        Campaign("come_back_letter", "01-22", "email", "reactivation", 0.40, 0.002, 180),
    )
    delivered_share: float = 0.97
    opened_share: float = 0.36
    clicked_share: float = 0.18  # of those who opened
    unsubscribed_share: float = 0.01
    email_tool_cost: float = 0.0004  # USD per customer and day

    # ------------------------------------------------------------------- rest
    survey_share: float = 0.05  # orders that are followed by an NPS answer
    older_version_share: float = 0.005  # orders and customers delivered in an older version too
    exact_duplicate_share: float = 0.001  # rows delivered twice
    max_dirt_interval: int = 1_000  # one person in so many yields one bad row of each kind

    # ----------------------------------------------------------------- derived
    @property
    def start_date(self) -> date:
        """The first day with orders."""
        return self.end_date - timedelta(days=round(self.years * 365.25)) + timedelta(days=1)

    @property
    def end_at(self) -> datetime:
        """Nothing has happened yet from this moment on, UTC."""
        return datetime.combine(self.end_date, time()) + timedelta(days=1)

    @property
    def strongest_effect(self) -> float:
        """By how much effects can raise a purchase rate at most."""
        return (1 + self.club_effect) * (1 + self.plus_effect) * (1 + max(c.effect for c in self.campaigns))

    @property
    def dirt_interval(self) -> int:
        """Small shops get a handful of each kind of bad row, large ones a fixed share."""
        return max(1, min(self.max_dirt_interval, self.customers // 5))

    def lists(self) -> dict[str, list[dict]]:
        """The parameters that become tables, by table name."""
        named_tuples = ("countries", "channels", "categories", "peaks", "campaigns", "activities", "tiers")
        tables = {f"{name}_list": [row._asdict() for row in getattr(self, name)] for name in named_tuples}
        for name in ("weekday_factors", "month_factors"):
            tables[name] = [{"number": n, "factor": f} for n, f in enumerate(getattr(self, name), start=1)]
        return tables

    def numbers(self) -> dict[str, object]:
        """The parameters that are one value, derived ones too, by name."""
        derived = ("start_date", "end_at", "strongest_effect", "dirt_interval")
        values = asdict(self) | {name: getattr(self, name) for name in derived}
        return {name: value for name, value in values.items() if not isinstance(value, tuple)}
