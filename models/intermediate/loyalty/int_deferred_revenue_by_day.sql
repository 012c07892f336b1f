-- An order that earns points is two promises for one price: the goods and the points. The price is
-- divided among them as they would sell alone, and that stays as it was at the sale.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

loyalty_programs as (
    select * from {{ ref('dim_loyalty_programs') }}
),

rates_at_issue as (
    select * from {{ ref('int_redemption_rates_at_issue') }}
),

orders as (
    select
        orders.order_id,
        orders.gross_sales - orders.discounts as price
    from {{ ref('fct_orders') }} as orders
    cross join as_of
    where orders.order_date <= as_of.as_of_date
),

lots as (
    select
        lots.loyalty_transaction_id,
        lots.program_id,
        lots.order_id,
        lots.points_earned,
        lots.earned_date,
        {{ points_selling_price(
            'lots.points_earned', 'loyalty_programs.point_value', 'rates_at_issue.expected_redemption_rate'
        ) }} as selling_price
    from {{ ref('int_point_lots') }} as lots
    cross join as_of
    inner join loyalty_programs
        on lots.program_id = loyalty_programs.program_id
    inner join rates_at_issue
        on
            lots.program_id = rates_at_issue.program_id
            and lots.earned_date = rates_at_issue.earned_date
    where
        lots.is_purchase
        and lots.earned_date <= as_of.as_of_date
),

-- Nearly every order earns one lot, whose share needs no sum.
shared_orders as (
    select
        order_id,
        sum(selling_price) as selling_price
    from lots
    where order_id is not null
    group by 1
    having count(*) > 1
),

-- Kept to eight places: a lot may be worth less than a cent, and sums of decimals are the same in any order.
deferred_lots as (
    select
        lots.loyalty_transaction_id,
        lots.program_id,
        lots.points_earned,
        cast(
            case
                when orders.order_id is null then lots.selling_price
                else {{ deferred_revenue(
                    'orders.price', 'lots.selling_price', 'coalesce(shared_orders.selling_price, lots.selling_price)'
                ) }}
            end as decimal(28, 8)
        ) as deferred_revenue,
        lots.earned_date,
        {{ period_start_of('month', 'lots.earned_date') }} as vintage_month
    from lots
    left join orders
        on lots.order_id = orders.order_id
    left join shared_orders
        on lots.order_id = shared_orders.order_id
),

cancellations_by_day as (
    select
        uses.lot_loyalty_transaction_id,
        uses.use_date,
        sum(uses.points) as points_cancelled
    from {{ ref('int_point_lot_uses') }} as uses
    cross join as_of
    where
        uses.use_type = 'cancelled'
        and uses.use_date <= as_of.as_of_date
    group by 1, 2
),

cancellations as (
    select
        *,
        sum(points_cancelled) over (
            partition by lot_loyalty_transaction_id
            order by use_date
            rows between unbounded preceding and current row
        ) as points_cancelled_to_date
    from cancellations_by_day
),

flows as (
    select
        program_id,
        deferred_revenue as deferred_at_issue,
        cast(0 as decimal(28, 8)) as deferred_reversed,
        vintage_month,
        earned_date as flow_date
    from deferred_lots
    union all
    select
        deferred_lots.program_id,
        cast(0 as decimal(28, 8)) as deferred_at_issue,
        {{ deferred_revenue_reversed(
            'deferred_lots.deferred_revenue',
            'cancellations.points_cancelled_to_date',
            'deferred_lots.points_earned'
        ) }}
        - {{ deferred_revenue_reversed(
            'deferred_lots.deferred_revenue',
            '(cancellations.points_cancelled_to_date - cancellations.points_cancelled)',
            'deferred_lots.points_earned'
        ) }} as deferred_reversed,
        deferred_lots.vintage_month,
        cancellations.use_date as flow_date
    from cancellations
    inner join deferred_lots
        on cancellations.lot_loyalty_transaction_id = deferred_lots.loyalty_transaction_id
)

select
    program_id,
    vintage_month,
    flow_date,
    cast(sum(deferred_at_issue) as decimal(28, 8)) as deferred_at_issue,
    cast(sum(deferred_reversed) as decimal(28, 8)) as deferred_reversed
from flows
group by 1, 2, 3
