{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_membership_customers'}}
) }}

-- Which membership each event belongs to. A member may leave and come back, and engines send events that do not fit:
-- a second enrolment, a tier for somebody who has left. They are kept here and change no membership.

with events as (
    select
        *,
        row_number() over member_programme as event_number
    from {{ ref('int_loyalty_memberships') }}
    where {{ is_touched('customer_id', ref('int_batch_membership_customers')) }}
    window member_programme as (
        partition by customer_id, program_id
        order by occurred_at, membership_event_id
    )
),

-- Whoever has an event is a member, though the enrolment itself may be older than the data.
joined_and_left as (
    select
        *,
        coalesce(max(
            case when event_number = 1 or event_type in ('enrolled', 'renewed') then event_number end
        ) over events_before, 0) as last_joined_event,
        coalesce(max(case when event_type = 'left' then event_number end) over events_before, 0) as last_left_event
    from events
    window events_before as (
        partition by customer_id, program_id
        order by event_number
        rows between unbounded preceding and 1 preceding
    )
),

opened_and_closed as (
    select
        *,
        event_number = 1 or (
            event_type in ('enrolled', 'renewed') and last_joined_event <= last_left_event
        ) as opens_spell,
        event_type = 'left' and (event_number = 1 or last_joined_event > last_left_event) as closes_spell,
        event_number = 1 or event_type in ('enrolled', 'renewed') or last_joined_event > last_left_event as is_in_spell
    from joined_and_left
),

numbered as (
    select
        *,
        sum(case when opens_spell then 1 else 0 end) over (
            partition by customer_id, program_id
            order by event_number
            rows between unbounded preceding and current row
        ) as spell_number
    from opened_and_closed
),

placed as (
    select
        membership_event_id,
        customer_id,
        program_id,
        cast(case when is_in_spell then spell_number end as bigint) as spell_number,
        event_number,
        event_type,
        closes_spell,
        event_type = 'renewed' and not opens_spell as is_renewal,
        tier,
        fee_amount,
        occurred_at,
        occurred_date
    from numbered
)

select * from placed
