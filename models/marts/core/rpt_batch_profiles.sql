with batch_profiles as (
    select * from {{ ref('stg_batch_profiles') }}
),

profiles as (
    select
        table_name,
        batch_id,
        column_name,
        batch_at,
        is_daily,
        row_count,
        known_rows,
        {{ ratio('known_rows', 'row_count') }} as known_share,
        newest_event_at,
        hours_since_newest_event,
        fingerprint,
        data_type,
        null_rows,
        {{ ratio('null_rows', 'row_count') }} as null_share,
        distinct_values,
        lowest,
        highest,
        positive_rows,
        p10,
        p25,
        p50,
        p75,
        p90,
        top_words
    from batch_profiles
)

select * from profiles
