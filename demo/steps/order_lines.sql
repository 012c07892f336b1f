-- What is in the baskets.
with lines as (
    select
        orders.order_key,
        persons.currency,
        unnest(range(1, 2 + least(
            $max_lines - 1,
            cast(floor(exponential('lines', orders.order_key) * persons.mean_extra_lines) as bigint)
        ))) as line_number
    from placed_orders as orders
    inner join persons on persons.person_number = orders.person_number
),

chosen as (
    select
        order_key,
        line_number,
        currency,
        1 + cast(floor(
            $products * power(uniform('product', order_key * 100 + line_number), $popularity_exponent)
        ) as bigint) as product_number,
        case
            when uniform('quantity', order_key * 100 + line_number) < $three_units_share then 3
            when uniform('quantity', order_key * 100 + line_number) < $three_units_share + $two_units_share then 2
            else 1
        end as quantity
    from lines
)

select
    chosen.order_key,
    chosen.line_number,
    products.product_id,
    products.product_category,
    chosen.quantity,
    money(products.price * currencies.price_factor) as unit_price,
    money(products.price * currencies.price_factor * products.cost_share) as unit_cost
from chosen
inner join products on products.product_number = chosen.product_number
inner join (values ('USD', 1.0), ('EUR', $euro_price_factor)) as currencies (currency, price_factor)
    on currencies.currency = chosen.currency
