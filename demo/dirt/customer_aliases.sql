-- Two accounts that were merged into each other.
with loops as (
    select
        customer_id || '-L' as one_id,
        customer_id || '-M' as other_id,
        night_load(created_at) as _loaded_at,
        created_at as updated_at
    from customers
    where is_chosen(customer_id, 'alias_cycle', $dirt_interval) and customer_id not like '%-_'
)

select 'alias_cycle' as dirt_kind, 'quarantined' as outcome, 'alias_cycle' as rejection_reasons,
    one_id as alias_customer_id, other_id as customer_id, updated_at, _loaded_at
from loops
union all
select 'alias_cycle', 'quarantined', 'alias_cycle', other_id, one_id, updated_at, _loaded_at
from loops
union all
select 'missing_customer_id', 'quarantined', 'missing_customer_id', customer_id || '-N', null, created_at,
    night_load(created_at)
from customers
where is_chosen(customer_id, 'missing_customer_id', $dirt_interval) and customer_id not like '%-_'
