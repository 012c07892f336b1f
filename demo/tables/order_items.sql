with lines as (
    select
        lines.*,
        orders.order_id,
        orders.discount_amount as order_discount_amount,
        orders.subtotal_amount,
        orders.ordered_at,
        lines.quantity * lines.unit_price as line_amount,
        sum(lines.quantity * lines.unit_price) over (
            partition by lines.order_key order by lines.line_number
        ) as running_amount
    from order_lines as lines
    inner join order_values on order_values.order_key = lines.order_key
    inner join orders on orders.order_id = order_values.order_id
)

select
    order_id,
    line_number,
    product_id,
    quantity::decimal(18, 4) as quantity,
    unit_price,
    -- The order's discount by value; rounding the running total keeps the sum of the lines exact.
    (
        money(order_discount_amount * (running_amount / subtotal_amount))
        - money(order_discount_amount * ((running_amount - line_amount) / subtotal_amount))
    )::decimal(18, 4) as discount_amount,
    unit_cost,
    product_category,
    ordered_at as updated_at,
    night_load(ordered_at) as _loaded_at
from lines
