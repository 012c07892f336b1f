with versions as (
    {{ repeated_versions(ref('stg_loyalty_programs')) }}
)

select * from versions
