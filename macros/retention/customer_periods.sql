{#- Two CTEs, customer_periods and placed_in_time: what each customer did in each period, from the CTEs `orders` (counted
    orders with a customer) and `date_periods`. For fct_customer_periods, and for the changes of a batch, which keeps
    rows apart by weight.

    One aggregation and no window: fct_orders knows each order's number and predecessor, so the first order of a
    customer in a period tells what the customer did before it. What follows from other columns is not
    aggregated: each aggregate costs about 4 % of fct_customer_periods. -#}
{% macro customer_periods(by_weight=false) -%}
customer_periods as (
    {%- for grain in var('period_grains') %}
    select
        '{{ grain }}' as period_grain,
        date_periods.period_start,
        date_periods.period_index,
        orders.customer_id,
        {%- if by_weight %}
        orders.weight,
        {%- endif %}
        count(*) as orders,
        sum(orders.gross_sales) as gross_sales,
        sum(orders.discounts) as discounts,
        sum(orders.returns) as returns,
        sum(orders.total_sales) as total_sales,
        sum(orders.gross_margin) as gross_margin,
        count(orders.gross_margin) as orders_with_cost,
        min(orders.order_number) as first_order_number,
        min(orders.order_date) as first_order_date,
        min(orders.customer_first_order_date) as customer_first_order_date,
        -- The first order's predecessor: the earliest of all predecessors, but for a customer's
        -- very first order, which has none and lets the second's through.
        case
            when min(orders.order_number) > 1 then min(orders.previous_order_date)
        end as previous_order_date
    from orders
    inner join date_periods
        on
            orders.order_date = date_periods.date_day
            and date_periods.period_grain = '{{ grain }}'
    group by 2, 3, 4{{ ', 5' if by_weight }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

placed_in_time as (
    select
        customer_periods.period_grain,
        customer_periods.period_start,
        customer_periods.customer_id,
        {%- if by_weight %}
        customer_periods.weight,
        {%- endif %}
        customer_periods.orders,
        cast(customer_periods.gross_sales as decimal(18, 4)) as gross_sales,
        cast(customer_periods.discounts as decimal(18, 4)) as discounts,
        cast(customer_periods.returns as decimal(18, 4)) as returns,
        cast({{ net_sales(
            'customer_periods.gross_sales', 'customer_periods.discounts', 'customer_periods.returns'
        ) }} as decimal(18, 4)) as net_sales,
        cast(customer_periods.total_sales as decimal(18, 4)) as total_sales,
        cast(customer_periods.gross_margin as decimal(18, 4)) as gross_margin,
        customer_periods.orders_with_cost,
        customer_periods.first_order_number = 1 as is_new,
        coalesce(
            previous_periods.period_index = customer_periods.period_index - 1, false
        ) as is_retained,
        coalesce(
            previous_periods.period_index < customer_periods.period_index - 1, false
        ) as is_resurrected,
        customer_periods.first_order_number + customer_periods.orders - 1 as orders_to_date,
        customer_periods.first_order_date,
        customer_periods.previous_order_date,
        cohort_periods.period_start as cohort_start,
        cast(customer_periods.period_index - cohort_periods.period_index as bigint) as period_number
    from customer_periods
    inner join date_periods as cohort_periods
        on
            customer_periods.period_grain = cohort_periods.period_grain
            and customer_periods.customer_first_order_date = cohort_periods.date_day
    left join date_periods as previous_periods
        on
            customer_periods.period_grain = previous_periods.period_grain
            and customer_periods.previous_order_date = previous_periods.date_day
)
{%- endmacro %}
