with issue_days as (
    select distinct
        program_id,
        vintage_month,
        flow_date as earned_date
    from {{ ref('int_points_by_vintage') }}
    where points_issued > 0
),

rate_spans as (
    select * from {{ ref('int_redemption_rate_spans') }}
),

valuations as (
    select
        program_id,
        {{ add_days('valuation_date', 1) }} as next_vintage_month,
        ultimate_redemption_rate,
        row_number() over (
            partition by program_id, valuation_date
            order by vintage_month desc
        ) as youngest_first
    from {{ ref('int_points_ultimates') }}
    where
        is_month_over
        and ultimate_redemption_rate is not null
),

rates as (
    select
        issue_days.program_id,
        issue_days.earned_date,
        coalesce(rate_spans.expected_redemption_rate, valuations.ultimate_redemption_rate, 1)
            as expected_redemption_rate
    from issue_days
    left join rate_spans
        on
            issue_days.program_id = rate_spans.program_id
            and (rate_spans.valid_from is null or issue_days.earned_date >= rate_spans.valid_from)
            and (rate_spans.valid_until is null or issue_days.earned_date < rate_spans.valid_until)
    left join valuations
        on
            issue_days.program_id = valuations.program_id
            and issue_days.vintage_month = valuations.next_vintage_month
            and valuations.youngest_first = 1
)

select * from rates
