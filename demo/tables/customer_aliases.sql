-- The third account was merged into the second, the second into the first: a chain of two.
with merges as (
    select
        customer_id || '-B' as alias_customer_id,
        customer_id,
        created_at + interval 100 days as merged_at
    from persons
    where accounts >= 2
    union all
    select
        customer_id || '-C',
        customer_id || '-B',
        created_at + interval 70 days
    from persons
    where accounts = 3
)

select
    alias_customer_id,
    customer_id,
    least(merged_at, $end_at - interval 1 hour) as updated_at,
    night_load(least(merged_at, $end_at - interval 1 hour)) as _loaded_at
from merges
