with versions as (
    {{ versions_in_doubt(ref('stg_exchange_rates')) }}
)

select * from versions
