with cohorts as (
    select * from {{ ref('int_retention_by_cohort') }}
),

rated as (
    select
        period_grain,
        cohort_start,
        cast(period_number as bigint) as period_number,
        segment_type,
        segment,
        'first_order' as cohort_type,
        period_start,
        period_end,
        is_complete,
        {{ is_sparse('cohort_size') }} as is_sparse,
        cast(cohort_size as bigint) as cohort_size,
        cast(active_customers as bigint) as active_customers,
        cast(on_or_after_customers as bigint) as on_or_after_customers,
        cast(repurchased_customers as bigint) as repurchased_customers,
        cast(orders as bigint) as orders,
        cast(cumulative_orders as bigint) as cumulative_orders,
        cast(net_sales as decimal(28, 4)) as net_sales,
        cast(cumulative_net_sales as decimal(28, 4)) as cumulative_net_sales,
        cast(gross_margin as decimal(28, 4)) as gross_margin,
        case when is_complete then {{ retention_rate('active_customers', 'cohort_size') }} end
            as retention_rate,
        case when is_complete then {{ retention_rate('on_or_after_customers', 'cohort_size') }} end
            as on_or_after_retention_rate,
        case when is_complete then {{ repurchase_rate('repurchased_customers', 'cohort_size') }} end
            as repurchase_rate,
        case when is_complete then {{ wilson_interval('active_customers', 'cohort_size', 'lower') }} end
            as retention_rate_lower,
        case when is_complete then {{ wilson_interval('active_customers', 'cohort_size', 'upper') }} end
            as retention_rate_upper,
        case when is_complete then {{ wilson_interval('on_or_after_customers', 'cohort_size', 'lower') }} end
            as on_or_after_retention_rate_lower,
        case when is_complete then {{ wilson_interval('on_or_after_customers', 'cohort_size', 'upper') }} end
            as on_or_after_retention_rate_upper,
        case when is_complete then {{ wilson_interval('repurchased_customers', 'cohort_size', 'lower') }} end
            as repurchase_rate_lower,
        case when is_complete then {{ wilson_interval('repurchased_customers', 'cohort_size', 'upper') }} end
            as repurchase_rate_upper,
        case when is_complete then {{ net_sales_retention('net_sales', 'first_period_net_sales') }} end
            as net_sales_retention,
        case when is_complete then {{ cumulative_ltv('cumulative_net_sales', 'cohort_size') }} end
            as cumulative_ltv
    from cohorts
)

select * from rated
