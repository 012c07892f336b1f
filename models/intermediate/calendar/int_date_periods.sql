with dates as (
    select * from {{ ref('dim_dates') }}
),

date_periods as (
    {% for grain in var('period_grains') -%}
    select
        '{{ grain }}' as period_grain,
        date_day,
        {{ grain }}_start as period_start,
        {{ grain }}_end as period_end
    from dates
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {%- if is_batch() %}
    -- A day that no row lies on any more may be one that changes are taken off.
    union all
    select
        before.period_grain,
        before.date_day,
        before.period_start,
        before.period_end
    from {{ this }} as before
    left join dates
        on before.date_day = dates.date_day
    where dates.date_day is null
    {%- endif %}
),

indexed as (
    select
        period_grain,
        date_day,
        period_start,
        period_end,
        {{ add_days('period_end', 1) }} as next_period_start,
        dense_rank() over (
            partition by period_grain
            order by period_start
        ) as period_index
    from date_periods
)

select * from indexed
