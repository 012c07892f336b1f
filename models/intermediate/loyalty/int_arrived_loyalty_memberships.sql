{{ config(materialized='increment') }}

-- depends_on: {{ ref('int_touched_loyalty_memberships') }}

with arrived as (
    {%- if is_batch() %}
    {{ raw_rows_of_keys(
        'stg_loyalty_memberships',
        'loyalty_memberships',
        key='membership_event_id',
        touched='select membership_event_id from ' ~ ref('int_touched_loyalty_memberships'),
        known_from=['int_loyalty_memberships', 'int_loyalty_membership_versions']
    ) }}
    {%- else %}
    select * from {{ ref('stg_loyalty_memberships') }}
    {%- endif %}
)

select * from arrived
