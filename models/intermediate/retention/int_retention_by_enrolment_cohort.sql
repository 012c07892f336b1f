-- Counts and sums of rpt_retention_by_enrolment_cohort, dense in period_number; the rates are made there.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

members as (
    select * from {{ ref('int_members_by_enrolment') }}
),

cohorts as (
    select
        date_periods.period_grain,
        date_periods.period_start as cohort_start,
        date_periods.period_index as cohort_index,
        members.segment_type,
        members.segment,
        sum(members.members) as cohort_size
    from members
    inner join date_periods
        on members.enrolled_date = date_periods.date_day
    group by 1, 2, 3, 4, 5
),

activity as (
    select * from {{ ref('int_enrolment_activity') }}
),

-- Not int_periods, which begin with the first order: a ledger may be older.
periods as (
    select distinct
        date_periods.period_grain,
        date_periods.period_index,
        date_periods.period_start,
        date_periods.period_end,
        date_periods.period_end <= as_of.as_of_date as is_complete
    from date_periods
    cross join as_of
    where date_periods.date_day <= as_of.as_of_date
),

periods_filled as (
    select
        cohorts.period_grain,
        cohorts.cohort_start,
        periods.period_index - cohorts.cohort_index as period_number,
        cohorts.segment_type,
        cohorts.segment,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        cohorts.cohort_size,
        coalesce(activity.active_customers, 0) as active_customers,
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.net_sales, 0) as net_sales
    from cohorts
    inner join periods
        on
            cohorts.period_grain = periods.period_grain
            and cohorts.cohort_index <= periods.period_index
    left join activity
        on
            cohorts.period_grain = activity.period_grain
            and cohorts.cohort_start = activity.cohort_start
            and periods.period_start = activity.period_start
            and cohorts.segment_type = activity.segment_type
            and cohorts.segment = activity.segment
)

select * from periods_filled
