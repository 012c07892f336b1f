with versions as (
    {{ versions_in_doubt(ref('stg_redemption_estimates')) }}
)

select * from versions
