{{ config(materialized='increment') }}

-- Whose pairs of intervals this run makes anew; none where everything is built anew.

-- depends_on: {{ ref('int_batch_customers') }}
-- depends_on: {{ ref('int_batch_members') }}
-- depends_on: {{ ref('dim_customers') }}
-- depends_on: {{ ref('int_lift_programs') }}

{%- if is_batch() %}

with new_programs as (
    select count(*) as programs
    from {{ ref('int_lift_programs') }}
    where changed_batch > {{ this_batch().base_batch }}
),

customers as (
    select customer_id from {{ ref('int_batch_customers') }}
    union distinct
    select customer_id from {{ ref('int_batch_members') }}
    union distinct
    select customers.customer_id
    from {{ ref('dim_customers') }} as customers
    inner join new_programs
        on new_programs.programs > 0
)

select * from customers
{%- else %}

select customer_id
from {{ ref('int_batch_customers') }}
where false
{%- endif %}
