with customers_in_state as (
    select * from {{ ref('int_lifecycle_by_period') }}
),

net_sales_by_combination as (
    select
        period_grain,
        period_start,
        segment_combination,
        state,
        sum(net_sales) as net_sales
    from {{ ref('int_customer_period_states') }}
    group by 1, 2, 3, 4
),

net_sales_in_state as (
    select
        net_sales.period_grain,
        net_sales.period_start,
        segments.segment_type,
        segments.segment,
        net_sales.state,
        sum(net_sales.net_sales) as net_sales
    from net_sales_by_combination as net_sales
    inner join {{ ref('int_segments') }} as segments
        on net_sales.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4, 5
),

lifecycle as (
    select
        customers_in_state.period_grain,
        customers_in_state.segment_type,
        customers_in_state.segment,
        customers_in_state.state,
        customers_in_state.period_start,
        customers_in_state.period_end,
        customers_in_state.is_complete,
        cast(customers_in_state.customers as bigint) as customers,
        cast(coalesce(net_sales_in_state.net_sales, 0) as decimal(28, 4)) as net_sales
    from customers_in_state
    left join net_sales_in_state
        on
            customers_in_state.period_grain = net_sales_in_state.period_grain
            and customers_in_state.period_start = net_sales_in_state.period_start
            and customers_in_state.segment_type = net_sales_in_state.segment_type
            and customers_in_state.segment = net_sales_in_state.segment
            and customers_in_state.state = net_sales_in_state.state
)

select * from lifecycle
