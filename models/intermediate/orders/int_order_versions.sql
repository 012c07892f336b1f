with versions as (
    {{ versions_in_doubt(ref('int_orders_judged')) }}
)

select * from versions
