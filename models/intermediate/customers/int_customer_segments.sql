-- The customers of the reports: at least one counted order by as_of, and the one value of each
-- segment that the customer has as of as_of.

with customers as (
    select * from {{ ref('dim_customers') }}
),

customer_orders as (
    select * from {{ ref('int_customer_orders') }}
    where orders > 0
),

customer_segments as (
    select
        customer_orders.customer_id,
        {%- for segment in var('segments') %}
        coalesce(cast(customers.{{ segment }} as {{ dbt.type_string() }}), 'unknown') as {{ segment }},
        {%- endfor %}
        customer_orders.first_order_date,
        customer_orders.second_order_date,
        customer_orders.last_order_date
    from customer_orders
    inner join customers
        on customer_orders.customer_id = customers.customer_id
)

select * from customer_segments
