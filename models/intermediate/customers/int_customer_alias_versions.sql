with versions as (
    {{ versions_in_doubt(ref('stg_customer_aliases')) }}
)

select * from versions
