-- What customers bought in a period beside what they bought in the one before, by combination of
-- segments. Lost sales are summed from the customers who were lost, not taken from a difference.

with periods as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_index,
        least(periods.period_end, as_of.as_of_date) as last_day
    from {{ ref('int_periods') }} as periods
    cross join {{ ref('int_as_of') }} as as_of
),

compared as (
    select
        this_period.period_grain,
        this_period.period_start,
        this_period.segment_combination,
        sum(this_period.net_sales) filter (where this_period.previous_state = 'none') as new_net_sales,
        sum(this_period.net_sales) filter (
            where this_period.previous_state <> 'none' and not this_period.is_retained
        ) as resurrected_net_sales,
        sum(least(previous_period.net_sales, this_period.net_sales)) filter (where this_period.is_retained)
            as retained_net_sales,
        sum(this_period.net_sales - previous_period.net_sales) filter (
            where this_period.is_retained and this_period.net_sales > previous_period.net_sales
        ) as expansion_net_sales,
        sum(previous_period.net_sales - this_period.net_sales) filter (
            where this_period.is_retained and this_period.net_sales < previous_period.net_sales
        ) as contraction_net_sales,
        0 as lost_net_sales
    from {{ ref('int_customer_period_states') }} as this_period
    left join {{ ref('int_customer_period_states') }} as previous_period
        on
            this_period.period_grain = previous_period.period_grain
            and this_period.customer_id = previous_period.customer_id
            -- Only for those retained: for nobody else is there a row to find.
            and case when this_period.is_retained then this_period.period_index - 1 end = previous_period.period_index
    group by 1, 2, 3
),

lost as (
    select
        periods.period_grain,
        periods.period_start,
        previous_period.segment_combination,
        0 as new_net_sales,
        0 as resurrected_net_sales,
        0 as retained_net_sales,
        0 as expansion_net_sales,
        0 as contraction_net_sales,
        sum(previous_period.net_sales) as lost_net_sales
    from {{ ref('int_customer_period_states') }} as previous_period
    inner join periods
        on
            previous_period.period_grain = periods.period_grain
            and previous_period.period_index = periods.period_index - 1
    where coalesce(previous_period.next_order_date > periods.last_day, true)
    group by 1, 2, 3
),

changes as (
    select * from compared
    union all
    select * from lost
),

changes_by_combination as (
    select
        period_grain,
        period_start,
        segment_combination,
        sum(new_net_sales) as new_net_sales,
        sum(resurrected_net_sales) as resurrected_net_sales,
        sum(retained_net_sales) as retained_net_sales,
        sum(expansion_net_sales) as expansion_net_sales,
        sum(contraction_net_sales) as contraction_net_sales,
        sum(lost_net_sales) as lost_net_sales
    from changes
    group by 1, 2, 3
)

select * from changes_by_combination
