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
        now.period_grain,
        now.period_start,
        now.segment_combination,
        sum(now.net_sales) filter (where now.previous_state = 'none') as new_net_sales,
        sum(now.net_sales) filter (
            where now.previous_state <> 'none' and not now.is_retained
        ) as resurrected_net_sales,
        sum(least(before.net_sales, now.net_sales)) filter (where now.is_retained) as retained_net_sales,
        sum(now.net_sales - before.net_sales) filter (
            where now.is_retained and now.net_sales > before.net_sales
        ) as expansion_net_sales,
        sum(before.net_sales - now.net_sales) filter (
            where now.is_retained and now.net_sales < before.net_sales
        ) as contraction_net_sales,
        0 as lost_net_sales
    from {{ ref('int_customer_period_states') }} as now
    left join {{ ref('int_customer_period_states') }} as before
        on
            now.period_grain = before.period_grain
            and now.customer_id = before.customer_id
            -- Only for those retained: for nobody else is there a row to find.
            and case when now.is_retained then now.period_index - 1 end = before.period_index
    group by 1, 2, 3
),

lost as (
    select
        periods.period_grain,
        periods.period_start,
        before.segment_combination,
        0 as new_net_sales,
        0 as resurrected_net_sales,
        0 as retained_net_sales,
        0 as expansion_net_sales,
        0 as contraction_net_sales,
        sum(before.net_sales) as lost_net_sales
    from {{ ref('int_customer_period_states') }} as before
    inner join periods
        on
            before.period_grain = periods.period_grain
            and before.period_index = periods.period_index - 1
    where coalesce(before.next_order_date > periods.last_day, true)
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
