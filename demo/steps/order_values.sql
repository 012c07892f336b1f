-- Orders with their goods, codes and what became of them: cancelled, returned, completed.
with baskets as (
    select
        order_key,
        sum(quantity * unit_price)::decimal(18, 4) as goods_amount,
        sum(quantity * unit_cost)::decimal(18, 4) as cost_amount
    from order_lines
    group by order_key
),

coded as (
    select
        orders.*,
        baskets.goods_amount,
        baskets.cost_amount,
        case
            when
                orders.order_number = 1 and uniform('welcome', orders.order_key) < $welcome_code_share
                then {'code': 'WELCOME10', 'percent': 10}
            when
                orders.campaign_id is not null and uniform('campaign code', orders.order_key) < $campaign_code_share
                then {'code': 'COMEBACK15', 'percent': 15}
            when
                uniform('sale', orders.order_key) < calendar.sale_code_share
                then {'code': calendar.sale_code, 'percent': calendar.sale_percent}
            when
                uniform('thanks', orders.order_key) < $thanks_code_share
                then {'code': 'THANKS5', 'percent': 5}
        end as discount,
        uniform('cancelled', orders.order_key) < $cancelled_share as will_be_cancelled,
        uniform('returned', orders.order_key) < $returned_share as will_be_returned,
        orders.ordered_at + to_seconds(3600 + cast(40 * 3600 * uniform('cancel hour', orders.order_key) as bigint))
        as cancelled_at,
        orders.ordered_at + to_seconds(cast(
            86400 * (4 + ($return_window_days - 4) * uniform('return day', orders.order_key)) as bigint
        )) as refunded_at,
        case
            when uniform('whole return', orders.order_key) < $whole_return_share then 1
            else 0.2 + 0.6 * uniform('part return', orders.order_key)
        end as returned_share
    from placed_orders as orders
    inner join baskets on baskets.order_key = orders.order_key
    inner join calendar on calendar.day = cast(orders.ordered_at as date)
)

-- What would happen after the last day has not happened.
select
    order_key,
    person_number,
    order_id_of(person_number, order_number) as order_id,
    order_number,
    ordered_at,
    is_placed_anyway,
    is_club_member,
    is_plus_member,
    campaign_id,
    goods_amount,
    cost_amount,
    discount.code as discount_code,
    money(coalesce(goods_amount * discount.percent / 100, 0)) as code_discount_amount,
    will_be_cancelled and cancelled_at < $end_at as is_cancelled,
    case when is_cancelled then cancelled_at end as cancelled_at,
    not will_be_cancelled and will_be_returned and refunded_at < $end_at as is_returned,
    case when is_returned then refunded_at end as refunded_at,
    case when is_returned then returned_share end as returned_share,
    is_returned and uniform('refund rows', order_key) < $refund_rows_share as has_refund_rows
from coded
