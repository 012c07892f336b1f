with batch_profiles as (
    select * from {{ source('landing', 'batch_profiles') }}
)

select * from batch_profiles
