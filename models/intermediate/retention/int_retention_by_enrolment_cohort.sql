-- Counts and sums of rpt_retention_by_enrolment_cohort, dense in period_number; the rates are made there.

with enrolments as (
    select * from {{ ref('int_loyalty_enrolments') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

members as (
    select
        enrolments.enrolled_date,
        customers.*
    from enrolments
    inner join {{ ref('dim_customers') }} as customers
        on enrolments.customer_id = customers.customer_id
),

-- Not by combination: who never ordered is a member too, and in no combination of the reports.
members_by_segment as (
    select
        enrolled_date,
        'all' as segment_type,
        'all' as segment,
        count(*) as members
    from members
    group by 1, 2, 3
    {%- for segment in var('segments') %}
    union all
    select
        enrolled_date,
        '{{ segment }}' as segment_type,
        coalesce(cast({{ segment }} as {{ dbt.type_string() }}), 'unknown') as segment,
        count(*) as members
    from members
    group by 1, 2, 3
    {%- endfor %}
),

cohorts as (
    select
        date_periods.period_grain,
        date_periods.period_start as cohort_start,
        date_periods.period_index as cohort_index,
        members_by_segment.segment_type,
        members_by_segment.segment,
        sum(members_by_segment.members) as cohort_size
    from members_by_segment
    inner join date_periods
        on members_by_segment.enrolled_date = date_periods.date_day
    group by 1, 2, 3, 4, 5
),

later_refunds as (
    select
        customer_id,
        order_date,
        sum(returns) as returns
    from {{ ref('int_later_refunds') }}
    where customer_id is not null
    group by 1, 2
),

order_days as (
    select
        enrolments.enrolled_date,
        order_days.customer_id,
        order_days.order_date,
        -- The last one since enrolment.
        case when order_days.previous_order_date >= enrolments.enrolled_date then order_days.previous_order_date end
            as previous_order_date,
        order_days.orders,
        order_days.net_sales + coalesce(later_refunds.returns, 0) as net_sales
    from {{ ref('int_customer_order_days') }} as order_days
    cross join as_of
    inner join enrolments
        on
            order_days.customer_id = enrolments.customer_id
            and order_days.order_date >= enrolments.enrolled_date
    left join later_refunds
        on
            order_days.customer_id = later_refunds.customer_id
            and order_days.order_date = later_refunds.order_date
    where order_days.order_date <= as_of.as_of_date
),

activity_by_combination as (
    select
        order_periods.period_grain,
        cohort_periods.period_start as cohort_start,
        order_periods.period_index,
        customers.segment_combination,
        count(*) filter (
            where coalesce(order_days.previous_order_date < order_periods.period_start, true)
        ) as active_customers,
        sum(order_days.orders) as orders,
        sum(order_days.net_sales) as net_sales
    from order_days
    inner join {{ ref('int_customer_segments') }} as customers
        on order_days.customer_id = customers.customer_id
    inner join date_periods as order_periods
        on order_days.order_date = order_periods.date_day
    inner join date_periods as cohort_periods
        on
            order_periods.period_grain = cohort_periods.period_grain
            and order_days.enrolled_date = cohort_periods.date_day
    group by 1, 2, 3, 4
),

activity as (
    select
        activity.period_grain,
        activity.cohort_start,
        activity.period_index,
        segments.segment_type,
        segments.segment,
        sum(activity.active_customers) as active_customers,
        sum(activity.orders) as orders,
        sum(activity.net_sales) as net_sales
    from activity_by_combination as activity
    inner join {{ ref('int_segments') }} as segments
        on activity.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4, 5
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
            and periods.period_index = activity.period_index
            and cohorts.segment_type = activity.segment_type
            and cohorts.segment = activity.segment
)

select * from periods_filled
