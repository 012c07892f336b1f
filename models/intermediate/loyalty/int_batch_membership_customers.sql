{{ config(materialized='increment') }}

-- depends_on: {{ ref('int_arrived_loyalty_memberships') }}
-- depends_on: {{ ref('int_customer_aliases') }}

{%- if is_batch() %}

with customers as (
    select customer_id
    from {{ as_it_stood('int_loyalty_memberships') }}
    where membership_event_id in (select membership_event_id from {{ ref('int_touched_loyalty_memberships') }})
    union distinct
    select coalesce(aliases.customer_id, memberships.customer_id) as customer_id
    from {{ ref('int_arrived_loyalty_memberships') }} as memberships
    left join {{ ref('int_customer_aliases') }} as aliases
        on memberships.customer_id = aliases.alias_customer_id
)

select customer_id
from customers
where customer_id is not null
{%- else %}

select membership_event_id as customer_id
from {{ ref('int_touched_loyalty_memberships') }}
where false
{%- endif %}
