-- The catalogue. Product 1 sells best.
with shares as (
    select
        *,
        coalesce(sum(weight) over (order by product_category rows between unbounded preceding and 1 preceding), 0)
        / sum(weight) over () as share_from
    from categories_list
),

numbered as (
    select number, uniform('product category', number) as draw
    from range(1, $products + 1) as numbers (number)
)

select
    numbered.number as product_number,
    'P' || lpad(numbered.number::varchar, 4, '0') as product_id,
    shares.product_category,
    greatest(1, floor(shares.median_price * exp(shares.price_spread * normal('price', numbered.number)))) - 0.05
    as price,
    shares.cost_share * (0.9 + 0.2 * uniform('cost', numbered.number)) as cost_share
from numbered
asof inner join shares on numbered.draw >= shares.share_from
