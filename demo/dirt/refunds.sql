-- Made from orders without any refund: an order with a good row here keeps it.
with untouched_orders as (
    select
        order_id,
        subtotal_amount - discount_amount as paid_goods_amount,
        updated_at,
        _loaded_at
    from orders
    where order_id like '%-001' and refunded_amount = 0 and order_id not in (select refunds.order_id from refunds)
)

select 'refund_of_unknown_order' as dirt_kind, 'quarantined' as outcome, 'unknown_order' as rejection_reasons,
    'R-' || order_id || '-lost' as refund_id, order_id || '-lost' as order_id, updated_at as refunded_at,
    5::decimal(18, 4) as refund_amount, 0::decimal(18, 4) as refunded_shipping_amount,
    0::decimal(18, 4) as refunded_tax_amount, 'damaged' as reason, updated_at, _loaded_at
from untouched_orders
where is_chosen(order_id, 'refund_of_unknown_order', $dirt_interval)
union all
select 'refund_above_order', 'quarantined', 'refund_exceeds_order',
    'R-' || order_id || '-more', order_id, updated_at, paid_goods_amount + 25, 0, 0, 'damaged', updated_at, _loaded_at
from untouched_orders
where is_chosen(order_id, 'refund_above_order', $dirt_interval)
union all
select 'negative_refund', 'quarantined', 'negative_amount',
    'R-' || order_id || '-minus', order_id, updated_at, -5, 0, 0, 'damaged', updated_at, _loaded_at
from untouched_orders
where is_chosen(order_id, 'negative_refund', $dirt_interval)
union all
select 'missing_refund_amount', 'quarantined', 'missing_refund_amount',
    'R-' || order_id || '-none', order_id, updated_at, null, 0, 0, 'damaged', updated_at, _loaded_at
from untouched_orders
where is_chosen(order_id, 'missing_refund_amount', $dirt_interval)
union all
select 'exact_duplicate', 'superseded', null, *
from refunds
where is_chosen(substr(refund_id, 3), 'exact_duplicate', $dirt_interval / 20)
