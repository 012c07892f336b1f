with retention as (
    select * from {{ ref('int_retention_by_period') }}
),

rated as (
    select
        period_grain,
        segment_type,
        segment,
        period_start,
        period_end,
        is_complete,
        cast(active_customers as bigint) as active_customers,
        cast(new_customers as bigint) as new_customers,
        cast(active_customers - new_customers as bigint) as returning_customers,
        cast(previous_active_customers as bigint) as previous_active_customers,
        cast(retained_customers as bigint) as retained_customers,
        cast(previous_active_customers - retained_customers as bigint) as lost_customers,
        cast(resurrected_customers as bigint) as resurrected_customers,
        cast(repeat_customers as bigint) as repeat_customers,
        cast(repeat_customers_to_date as bigint) as repeat_customers_to_date,
        cast(customers_to_date as bigint) as customers_to_date,
        cast(repeat_customers_lifetime as bigint) as repeat_customers_lifetime,
        cast(open_customers as bigint) as open_customers,
        cast(churned_customers as bigint) as churned_customers,
        cast(orders as bigint) as orders,
        cast(orders_all as bigint) as orders_all,
        cast(gross_sales as decimal(28, 4)) as gross_sales,
        cast(discounts as decimal(28, 4)) as discounts,
        cast(returns as decimal(28, 4)) as returns,
        cast(returns_posted as decimal(28, 4)) as returns_posted,
        cast(net_sales as decimal(28, 4)) as net_sales,
        cast(net_sales_all as decimal(28, 4)) as net_sales_all,
        cast(total_sales as decimal(28, 4)) as total_sales,
        cast(gross_margin as decimal(28, 4)) as gross_margin,
        case when is_complete then {{ retention_rate('retained_customers', 'previous_active_customers') }} end
            as retention_rate,
        case
            when is_complete
                then {{ churn_rate('previous_active_customers - retained_customers', 'previous_active_customers') }}
        end as churn_rate,
        case when is_complete then {{ churn_rate('churned_customers', 'open_customers') }} end
            as inactivity_churn_rate,
        {{ repeat_customer_rate('repeat_customers', 'active_customers') }} as repeat_customer_rate,
        {{ repeat_customer_rate('repeat_customers_to_date', 'active_customers') }}
            as repeat_customer_rate_to_date,
        {{ repeat_customer_rate('repeat_customers_lifetime', 'customers_to_date') }}
            as repeat_customer_rate_lifetime,
        {{ returning_customer_share('active_customers - new_customers', 'active_customers') }}
            as returning_customer_share,
        {{ purchase_frequency('orders', 'active_customers') }} as purchase_frequency,
        {{ average_order_value('net_sales', 'orders') }} as average_order_value,
        {{ average_order_value('gross_sales - discounts', 'orders') }} as average_order_value_before_returns,
        {{ average_order_value('total_sales', 'orders') }} as average_order_value_total,
        {{ customer_value('orders', 'net_sales', 'active_customers') }} as customer_value
    from retention
)

select * from rated
