-- From the first counted order to as_of no period is missing from a report, empty ones included,
-- and every cohort has a row for each period since its own: a lag() over rows is a lag over time.

with periods as (
    select
        period_grain,
        period_start,
        period_end,
        lead(period_start) over (
            partition by period_grain
            order by period_start
        ) as next_period_start
    from {{ ref('int_periods') }}
),

period_report as (
    select * from {{ ref('rpt_retention_by_period') }}
    where segment_type = 'all'
),

cohort_report as (
    select
        period_grain,
        cohort_start,
        min(period_number) as first_number,
        max(period_number) as last_number,
        count(*) as number_of_rows,
        max(period_end) as last_day
    from {{ ref('rpt_retention_by_cohort') }}
    where segment_type = 'all'
    group by period_grain, cohort_start
),

last_days as (
    select
        period_grain,
        max(period_end) as last_day
    from periods
    group by period_grain
),

failures as (
    select
        'gap in int_periods' as failure,
        period_grain,
        period_start
    from periods
    where {{ add_days('period_end', 1) }} <> next_period_start

    union all

    select
        'not in both int_periods and rpt_retention_by_period' as failure,
        coalesce(periods.period_grain, period_report.period_grain) as period_grain,
        coalesce(periods.period_start, period_report.period_start) as period_start
    from periods
    full outer join period_report
        on
            periods.period_grain = period_report.period_grain
            and periods.period_start = period_report.period_start
    where periods.period_start is null or period_report.period_start is null

    union all

    select
        'cohort with gaps' as failure,
        cohort_report.period_grain,
        cohort_report.cohort_start as period_start
    from cohort_report
    left join last_days
        on cohort_report.period_grain = last_days.period_grain
    where
        cohort_report.first_number <> 0
        or cohort_report.number_of_rows <> cohort_report.last_number + 1
        or coalesce(cohort_report.last_day <> last_days.last_day, true)
)

select * from failures
