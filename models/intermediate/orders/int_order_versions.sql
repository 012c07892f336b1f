with versions as (
    {{ repeated_versions(ref('int_orders_judged')) }}
)

select * from versions
