with versions as (
    {{ versions_in_doubt(ref('stg_customers')) }}
)

select * from versions
