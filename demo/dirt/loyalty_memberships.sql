with enrolled as (
    select *
    from loyalty_memberships
    where event_type = 'enrolled' and program_id = 'points_club'
)

select 'unknown_event_type' as dirt_kind, 'quarantined' as outcome, 'unknown_event_type' as rejection_reasons,
    * replace (membership_event_id || '-type' as membership_event_id, 'promoted' as event_type)
from enrolled
where is_chosen(customer_id, 'unknown_event_type', $dirt_interval / 4)
union all
select 'negative_fee', 'quarantined', 'negative_amount',
    * replace (membership_event_id || '-fee' as membership_event_id, -$plus_fee as fee_amount)
from enrolled
where is_chosen(customer_id, 'negative_fee', $dirt_interval / 4)
union all
select 'missing_program', 'quarantined', 'missing_program_id',
    * replace (membership_event_id || '-none' as membership_event_id, null as program_id)
from enrolled
where is_chosen(customer_id, 'missing_program', $dirt_interval / 4)
union all
select 'exact_duplicate', 'superseded', null, *
from enrolled
where is_chosen(customer_id, 'exact_duplicate', $dirt_interval / 4)
