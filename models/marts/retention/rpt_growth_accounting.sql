with retention as (
    select
        *,
        lag(net_sales) over (
            partition by period_grain, segment_type, segment
            order by period_start
        ) as previous_net_sales
    from {{ ref('int_retention_by_period') }}
),

changes as (
    select * from {{ ref('int_net_sales_changes') }}
),

growth as (
    select
        retention.period_grain,
        retention.segment_type,
        retention.segment,
        retention.period_start,
        retention.period_end,
        retention.is_complete,
        cast(retention.active_customers as bigint) as active,
        cast(retention.previous_active_customers as bigint) as previous_active,
        cast(retention.new_customers as bigint) as new,
        cast(retention.retained_customers as bigint) as retained,
        cast(retention.resurrected_customers as bigint) as resurrected,
        cast(retention.previous_active_customers - retention.retained_customers as bigint) as lost,
        cast(retention.net_sales as decimal(28, 4)) as net_sales,
        cast(coalesce(retention.previous_net_sales, 0) as decimal(28, 4)) as previous_net_sales,
        cast(coalesce(changes.new_net_sales, 0) as decimal(28, 4)) as new_net_sales,
        cast(coalesce(changes.resurrected_net_sales, 0) as decimal(28, 4)) as resurrected_net_sales,
        cast(coalesce(changes.retained_net_sales, 0) as decimal(28, 4)) as retained_net_sales,
        cast(coalesce(changes.expansion_net_sales, 0) as decimal(28, 4)) as expansion_net_sales,
        cast(coalesce(changes.contraction_net_sales, 0) as decimal(28, 4)) as contraction_net_sales,
        cast(coalesce(changes.lost_net_sales, 0) as decimal(28, 4)) as lost_net_sales
    from retention
    left join changes
        on
            retention.period_grain = changes.period_grain
            and retention.period_start = changes.period_start
            and retention.segment_type = changes.segment_type
            and retention.segment = changes.segment
),

rated as (
    select
        *,
        {{ quick_ratio('new + resurrected', 'lost') }} as quick_ratio,
        {{ quick_ratio(
            '(new_net_sales + resurrected_net_sales + expansion_net_sales)',
            '(contraction_net_sales + lost_net_sales)'
        ) }} as quick_ratio_net_sales
    from growth
)

select * from rated
