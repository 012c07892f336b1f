-- One row per day: how busy it is, how many new customers it brings, which sale runs, what a euro costs.
with days as (
    select
        day::date as day,
        day >= $start_date as is_open,
        strftime(day, '%m-%d') as month_day
    -- The days before the first order have exchange rates only.
    from generate_series($start_date - interval 10 days, $end_date::timestamp, interval 1 day) as series (day)
),

weighed as (
    select
        days.*,
        weekday_factors.factor * month_factors.factor * coalesce(peaks_list.factor, 1) as busyness,
        peaks_list.discount_code as sale_code,
        peaks_list.discount_percent as sale_percent,
        peaks_list.code_share as sale_code_share,
        power(1 + $yearly_growth, date_diff('day', $start_date, days.day) / 365.25) as growth
    from days
    inner join weekday_factors on weekday_factors.number = isodow(days.day)
    inner join month_factors on month_factors.number = month(days.day)
    left join peaks_list on days.month_day between peaks_list.first_day and peaks_list.last_day
),

-- Whole numbers, so that sums do not depend on the order in which they are added.
counted as (
    select
        *,
        cast(case when is_open then busyness * growth * 1e9 else 0 end as bigint) as arrivals,
        busyness / (select avg(busyness) from weighed where is_open) as seasonal_factor
    from weighed
)

select
    day,
    is_open,
    seasonal_factor,
    sale_code,
    sale_percent,
    sale_code_share,
    arrivals / sum(arrivals) over () as arrival_share,
    coalesce(sum(arrivals) over (order by day rows between unbounded preceding and 1 preceding), 0)
    / sum(arrivals) over () as arrivals_before,
    round(
        1.09 + 0.05 * sin(date_diff('day', date '2020-01-01', day) / 80.0)
        + 0.02 * sin(date_diff('day', date '2020-01-01', day) / 13.0) + 0.003 * normal('euro', epoch(day)), 4
    ) as euro_rate
from counted
