-- Returns that are booked as rows. One in four is paid in two parts, goods first.
with returned as (
    select
        order_values.order_key,
        order_values.refunded_at,
        order_values.returned_share,
        orders.*,
        orders.subtotal_amount - orders.discount_amount as paid_goods_amount,
        uniform('two refunds', order_values.order_key) < 0.25 as has_two_parts,
        ['too small', 'damaged', 'not as described', 'changed my mind', 'late'][
            1 + cast(floor(5 * uniform('reason', order_values.order_key)) as bigint)
        ] as reason
    from order_values
    inner join orders on orders.order_id = order_values.order_id
    where order_values.has_refund_rows
),

owed as (
    select
        *,
        case when returned_share = 1 then paid_goods_amount else money(paid_goods_amount * returned_share) end
        as goods_owed,
        case when returned_share = 1 then shipping_amount else 0 end as shipping_owed,
        case when returned_share = 1 then tax_amount else money(tax_amount * returned_share) end as tax_owed
    from returned
),

parts as (
    select
        'R-' || order_id || '-1' as refund_id,
        order_id,
        refunded_at,
        case when has_two_parts then money(goods_owed / 2) else goods_owed end as refund_amount,
        case when has_two_parts then 0 else shipping_owed end as refunded_shipping_amount,
        case when has_two_parts then 0 else tax_owed end as refunded_tax_amount,
        reason
    from owed
    union all
    select
        'R-' || order_id || '-2',
        order_id,
        least(refunded_at + interval 2 days, $end_at - interval 1 minute),
        goods_owed - money(goods_owed / 2),
        shipping_owed,
        tax_owed,
        reason
    from owed
    where has_two_parts
)

select
    refund_id,
    order_id,
    refunded_at,
    refund_amount::decimal(18, 4) as refund_amount,
    refunded_shipping_amount::decimal(18, 4) as refunded_shipping_amount,
    refunded_tax_amount::decimal(18, 4) as refunded_tax_amount,
    reason,
    refunded_at as updated_at,
    night_load(refunded_at) as _loaded_at
from parts
