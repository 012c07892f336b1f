{{ config(materialized='increment') }}

-- The members among the customers whom this run counts again, as they stood, by what their cohorts are parted by; no
-- rows where everything is built anew.

-- depends_on: {{ ref('int_batch_customers') }}

{%- if is_batch() %}

with enrolments as (
    select * from {{ as_it_stood('int_loyalty_enrolments') }}
    where customer_id in (select customer_id from {{ ref('int_batch_customers') }})
),

members as (
    select
        enrolments.customer_id,
        enrolments.enrolled_date
        {%- for segment in var('segments') %},
        customers.{{ segment }}
        {%- endfor %}
    from enrolments
    inner join {{ as_it_stood('dim_customers') }} as customers
        on enrolments.customer_id = customers.customer_id
)

select * from members
{%- else %}

select order_id
from {{ ref('stg_orders') }}
where false
{%- endif %}
