{{ config(materialized='increment') }}

-- depends_on: {{ ref('int_customer_alias_ends') }}

with touched as (
    {%- if is_batch() %}
    select membership_event_id
    from {{ ref('stg_loyalty_memberships') }}
    where {{ is_new('loyalty_memberships') }}
    union distinct
    select memberships.membership_event_id
    from {{ as_it_stood('int_loyalty_memberships') }} as memberships
    inner join {{ ref('int_customer_alias_ends') }} as alias_ends
        on memberships.source_customer_id = alias_ends.alias_customer_id
    where alias_ends.changed_batch > {{ this_batch().base_batch }}
    {%- else %}
    select membership_event_id
    from {{ ref('stg_loyalty_memberships') }}
    where false
    {%- endif %}
)

select membership_event_id
from touched
where membership_event_id is not null
