with versions as (
    {{ repeated_versions(ref('stg_customers')) }}
)

select * from versions
