with versions as (
    {{ versions_in_doubt(ref('stg_loyalty_memberships')) }}
)

select * from versions
