-- Bad orders are rows of their own, copied from a good first order: the good rows stay whole.
with first_orders as (
    select *
    from orders
    where order_id like '%-001'
)

select 'credit_note' as dirt_kind, 'quarantined' as outcome, 'negative_amount' as rejection_reasons,
    * replace (order_id || '-credit' as order_id, -subtotal_amount as subtotal_amount, 0 as discount_amount,
        0 as loyalty_discount_amount, 0 as refunded_amount)
from first_orders
where is_chosen(order_id, 'credit_note', $dirt_interval)
union all
select 'negative_shipping', 'quarantined', 'negative_amount',
    * replace (order_id || '-ship' as order_id, -4.95 as shipping_amount)
from first_orders
where is_chosen(order_id, 'negative_shipping', $dirt_interval)
union all
select 'discount_above_subtotal', 'quarantined', 'discount_exceeds_subtotal',
    * replace (order_id || '-disc' as order_id, subtotal_amount + 10 as discount_amount, 0 as refunded_amount)
from first_orders
where is_chosen(order_id, 'discount_above_subtotal', $dirt_interval)
union all
select 'refunded_above_order', 'quarantined', 'refund_exceeds_order',
    * replace (order_id || '-back' as order_id, subtotal_amount + 10 as refunded_amount)
from first_orders
where is_chosen(order_id, 'refunded_above_order', $dirt_interval)
union all
select 'missing_subtotal', 'quarantined', 'missing_subtotal_amount',
    * replace (order_id || '-none' as order_id, null as subtotal_amount, 0 as discount_amount,
        0 as loyalty_discount_amount, 0 as refunded_amount)
from first_orders
where is_chosen(order_id, 'missing_subtotal', $dirt_interval)
union all
select 'missing_order_id', 'quarantined', 'missing_order_id',
    * replace ('  ' as order_id)
from first_orders
where is_chosen(order_id, 'missing_order_id', $dirt_interval)
union all
-- Without a day there is no rate of the day.
select 'missing_ordered_at', 'quarantined',
    case when currency <> 'USD' then 'missing_exchange_rate,' else '' end || 'missing_ordered_at',
    * replace (order_id || '-when' as order_id, null as ordered_at)
from first_orders
where is_chosen(order_id, 'missing_ordered_at', $dirt_interval)
union all
select 'unknown_status', 'quarantined', 'unknown_status',
    * replace (order_id || '-stat' as order_id, 'packed_wrong' as status)
from first_orders
where is_chosen(order_id, 'unknown_status', $dirt_interval)
union all
select 'unknown_currency', 'quarantined', 'missing_exchange_rate',
    * replace (order_id || '-gbp' as order_id, 'GBP' as currency)
from first_orders
where is_chosen(order_id, 'unknown_currency', $dirt_interval)
union all
select 'ordered_in_future', 'quarantined', 'ordered_in_future',
    * replace (order_id || '-late' as order_id, _loaded_at + interval 30 days as ordered_at)
from first_orders
where is_chosen(order_id, 'ordered_in_future', $dirt_interval)
union all
-- Not wrong, but not sales.
select 'test_order', 'accepted', null,
    * replace (order_id || '-test' as order_id, true as is_test)
from first_orders
where is_chosen(order_id, 'test_order', $dirt_interval)
union all
select 'test_customer', 'accepted', null,
    * replace (order_id || '-staff' as order_id, 'T' || substr(order_id, 2, 7) as customer_id,
        'test' || substr(order_id, 2, 7) || '@example.com' as email, null as loyalty_program_id)
from first_orders
where is_chosen(order_id, 'test_customer', $dirt_interval)
union all
-- Its customer is missing from customers.
select 'unknown_customer', 'accepted', null,
    * replace (order_id || '-who' as order_id, 'U' || substr(order_id, 2, 7) as customer_id, null as email,
        null as loyalty_program_id)
from first_orders
where is_chosen(order_id, 'unknown_customer', $dirt_interval)
union all
-- What the load of the first night saw of orders that changed later.
select 'older_version', 'superseded', null,
    * replace ('processing' as status, 0 as refunded_amount, 0 as refunded_shipping_amount,
        0 as refunded_tax_amount, ordered_at as updated_at, night_load(ordered_at) as _loaded_at)
from orders
where updated_at > ordered_at and uniform('older version', order_id) < $older_version_share
union all
select 'exact_duplicate', 'superseded', null, *
from orders
where
    uniform('exact duplicate', order_id) < $exact_duplicate_share
    or (order_id like '%-001' and is_chosen(order_id, 'exact_duplicate', $dirt_interval))
