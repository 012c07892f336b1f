with cohorts as (
    select * from {{ ref('int_retention_by_enrolment_cohort') }}
),

typed as (
    select
        period_grain,
        cohort_start,
        cast(period_number as bigint) as period_number,
        segment_type,
        segment,
        'loyalty_enrolment' as cohort_type,
        period_start,
        period_end,
        is_complete,
        cast(cohort_size as bigint) as cohort_size,
        cast(active_customers as bigint) as active_customers,
        cast(orders as bigint) as orders,
        cast(net_sales as decimal(28, 4)) as net_sales
    from cohorts
),

rated as (
    select
        *,
        {{ is_sparse('cohort_size') }} as is_sparse,
        case when is_complete then {{ retention_rate('active_customers', 'cohort_size') }} end as retention_rate,
        case when is_complete then {{ wilson_interval('active_customers', 'cohort_size', 'lower') }} end
            as retention_rate_lower,
        case when is_complete then {{ wilson_interval('active_customers', 'cohort_size', 'upper') }} end
            as retention_rate_upper
    from typed
)

select * from rated
