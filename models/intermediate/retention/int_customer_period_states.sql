{{ config(materialized='increment', meta={'is_table': true}) }}

-- The customers active in each period, from what state they came into it, what state their last order in it began and
-- with what net sales, as reports know and, in a batch, knew them. Who was not active changes state by time alone:
-- that needs no row here. Nothing says what the state is on as_of, which moves on for everybody.

with order_days as (
    select * from {{ ref('int_order_day_changes') }}
),

later_refunds as (
    select * from {{ ref('int_later_refund_changes') }}
),

-- Not int_periods: as_of may have been in a later one.
periods as (
    select
        period_grain,
        period_start,
        period_index,
        next_period_start,
        {{ add_days('period_start', -1) }} as previous_end,
        lag(period_start) over grain_periods as previous_start,
        lead(period_end) over grain_periods as next_end
    from {{ ref('int_date_periods') }}
    where date_day = period_start
    window grain_periods as (
        partition by period_grain
        order by period_start
    )
),

as_they_stood as (
    select
        order_days.customer_id,
        order_days.segment_combination,
        order_days.order_date,
        order_days.previous_order_date,
        order_days.order_date_before_previous,
        order_days.next_order_date,
        order_days.weight,
        cast(order_days.net_sales + coalesce(later_refunds.returns, 0) as decimal(18, 4)) as net_sales
    from order_days
    left join later_refunds
        on
            order_days.customer_id = later_refunds.customer_id
            and order_days.order_date = later_refunds.order_date
            and {{ 'order_days.weight = later_refunds.weight' if is_batch() else 'true' }}
),

activity as (
    select
        as_they_stood.customer_id,
        date_periods.period_grain,
        date_periods.period_start,
        {%- if is_batch() %}
        as_they_stood.weight,
        {%- endif %}
        max(as_they_stood.segment_combination) as segment_combination,
        max(as_they_stood.order_date) as last_order_date,
        max(as_they_stood.previous_order_date) as order_date_before_last,
        max(as_they_stood.next_order_date) as latest_next_order_date,
        min(as_they_stood.previous_order_date) as earliest_previous_order_date,
        min(as_they_stood.order_date_before_previous) as earliest_order_date_before_previous,
        cast(sum(as_they_stood.net_sales) as decimal(18, 4)) as net_sales
    from as_they_stood
    inner join {{ ref('int_date_periods') }} as date_periods
        on as_they_stood.order_date = date_periods.date_day
    group by 1, 2, 3{{ ', 4' if is_batch() }}
),

-- Order days come in order, so the least and the greatest belong to the first and to the last one in
-- the period; where these have none, what is found belongs to a day between and lies on its wrong side.
around as (
    select
        activity.*,
        case
            when activity.latest_next_order_date > activity.last_order_date then activity.latest_next_order_date
        end as next_order_date,
        case
            when activity.earliest_previous_order_date < activity.period_start
                then activity.earliest_previous_order_date
        end as previous_order_date,
        case
            when activity.earliest_order_date_before_previous < activity.earliest_previous_order_date
                then activity.earliest_order_date_before_previous
        end as order_date_before_previous,
        periods.period_index,
        periods.next_period_start,
        periods.previous_start,
        periods.previous_end,
        periods.next_end
    from activity
    inner join periods
        on
            activity.period_grain = periods.period_grain
            and activity.period_start = periods.period_start
),

with_states as (
    select
        customer_id,
        segment_combination,
        period_grain,
        period_index,
        {%- if is_batch() %}
        weight,
        {%- endif %}
        {{ state_after_order('last_order_date', 'order_date_before_last') }} as state_after_order,
        coalesce(
            {{ lifecycle_state(
                'previous_end', 'previous_order_date',
                state_after_order('previous_order_date', 'order_date_before_previous')
            ) }},
            'none'
        ) as previous_state,
        net_sales,
        coalesce(previous_order_date >= previous_start, false) as is_retained,
        coalesce(next_order_date > next_end, true) as is_lost,
        period_start,
        case when {{ at_risk_date('last_order_date') }} < next_period_start then last_order_date end
            as aging_order_date
    from around
)

select * from with_states
