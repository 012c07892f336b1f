{{ config(materialized='increment') }}

-- int_order_changes of counted orders with a customer, as reports knew and know them: what is put in as of
-- as_of, what is taken out as of the as_of of the run before.

-- depends_on: {{ ref('int_as_of_before') }}
-- depends_on: {{ ref('int_batch_later_refunds_before') }}
-- depends_on: {{ ref('int_later_refunds') }}

with as_of as (
    {%- if is_batch() %}
    select
        as_of_date,
        1 as weight
    from {{ ref('int_as_of') }}
    union all
    select
        as_of_date,
        -1 as weight
    from {{ ref('int_as_of_before') }}
    {%- else %}
    select
        as_of_date,
        1 as weight
    from {{ ref('int_as_of') }}
    {%- endif %}
),

orders as (
    select order_changes.*
    from {{ ref('int_order_changes') }} as order_changes
    inner join as_of
        on
            order_changes.weight = as_of.weight
            and order_changes.order_date <= as_of.as_of_date
    where order_changes.order_number is not null
),

{%- if is_batch() %}

later_refunds as (
    select
        order_id,
        1 as weight,
        sum(returns) as returns,
        sum(total_sales) as total_sales,
        sum(gross_margin) as gross_margin
    from {{ ref('int_later_refunds') }}
    group by order_id
    union all
    select
        order_id,
        -1 as weight,
        -sum(returns) as returns,
        -sum(total_sales) as total_sales,
        -sum(gross_margin) as gross_margin
    from {{ ref('int_batch_later_refunds_before') }}
    group by order_id
),

as_they_stood as (
    select
        orders.order_id,
        orders.customer_id,
        orders.gross_sales,
        orders.discounts,
        cast(orders.returns - coalesce(later_refunds.returns, 0) as decimal(18, 4)) as returns,
        cast(orders.total_sales + coalesce(later_refunds.total_sales, 0) as decimal(18, 4)) as total_sales,
        cast(orders.gross_margin + coalesce(later_refunds.gross_margin, 0) as decimal(18, 4)) as gross_margin,
        orders.order_number,
        orders.order_date,
        orders.customer_first_order_date,
        orders.previous_order_date,
        orders.weight
    from orders
    left join later_refunds
        on
            orders.order_id = later_refunds.order_id
            and orders.weight = later_refunds.weight
)

select * from as_they_stood
{%- else %}

-- Later refunds are given back by the models that sum amounts: by customer and period, not by order.
as_they_stood as (
    select
        order_id,
        customer_id,
        gross_sales,
        discounts,
        returns,
        total_sales,
        gross_margin,
        order_number,
        order_date,
        customer_first_order_date,
        previous_order_date,
        weight
    from orders
)

select * from as_they_stood
{%- endif %}
