{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_membership_customers'}}
) }}

-- From which day on membership events know a customer, and in which batch that last changed: dim_customers learns
-- from here whom to count again. A customer whose events went to somebody else stays, without a day, until every
-- model has heard of it.

with members as (
    select
        customer_id,
        min(occurred_date) as first_event_date
    from {{ ref('int_loyalty_memberships') }}
    where {{ is_touched('customer_id', ref('int_batch_membership_customers')) }}
    group by 1
),

{%- if is_batch() %}

before as (
    select * from {{ this }}
    where {{ is_touched('customer_id', ref('int_batch_membership_customers')) }}
),
{%- endif %}

marked as (
    {%- if is_batch() %}
    select
        coalesce(members.customer_id, before.customer_id) as customer_id,
        members.first_event_date,
        cast(case
            when before.customer_id is not null and before.first_event_date is not distinct from members.first_event_date
                then before.changed_batch
            else {{ this_batch().batch }}
        end as bigint) as changed_batch
    from members
    full outer join before
        on members.customer_id = before.customer_id
    {%- else %}
    select
        customer_id,
        first_event_date,
        cast({{ this_batch().batch }} as bigint) as changed_batch
    from members
    {%- endif %}
)

select *
from marked
where first_event_date is not null or changed_batch > {{ this_batch().base_batch or 0 }}
