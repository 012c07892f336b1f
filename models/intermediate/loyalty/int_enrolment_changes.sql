{{ config(materialized='increment') }}

-- Members as they are now, with weight 1, and in a batch as they were before it, with -1.

-- depends_on: {{ ref('int_batch_customers') }}
-- depends_on: {{ ref('int_batch_enrolments_before') }}

{%- set columns = ['customer_id', 'enrolled_date'] + var('segments') %}

with enrolments as (
    select * from {{ ref('int_loyalty_enrolments') }}
    where {{ is_touched('customer_id', ref('int_batch_customers')) }}
),

members as (
    select
        enrolments.enrolled_date,
        customers.*
    from enrolments
    inner join {{ ref('dim_customers') }} as customers
        on enrolments.customer_id = customers.customer_id
),

changes as (
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        cast(1 as bigint) as weight
    from members
    {%- if is_batch() %}
    union all
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        cast(-1 as bigint) as weight
    from {{ ref('int_batch_enrolments_before') }}
    {%- endif %}
)

select * from changes
