with batch_verdicts as (
    select * from {{ ref('stg_batch_verdicts') }}
),

last_judgements as (
    select
        table_name,
        batch_id,
        max(judged_at) as judged_at
    from batch_verdicts
    group by 1, 2
),

marked as (
    select
        batch_verdicts.table_name,
        batch_verdicts.batch_id,
        batch_verdicts.rule,
        batch_verdicts.column_name,
        batch_verdicts.judged_at,
        batch_verdicts.batch_at,
        batch_verdicts.severity,
        batch_verdicts.seen,
        batch_verdicts.expected,
        batch_verdicts.is_met,
        batch_verdicts.accept_reason is not null as is_accepted,
        batch_verdicts.accept_reason,
        batch_verdicts.judged_at = last_judgements.judged_at as is_last_judgement,
        not batch_verdicts.is_met
        and batch_verdicts.severity = 'critical'
        and batch_verdicts.accept_reason is null as is_stopping
    from batch_verdicts
    inner join last_judgements
        on
            batch_verdicts.table_name = last_judgements.table_name
            and batch_verdicts.batch_id = last_judgements.batch_id
)

select * from marked
