with batch_verdicts as (
    select * from {{ source('landing', 'batch_verdicts') }}
)

select * from batch_verdicts
