with club as (
    select
        'C-' || customer_id_of(person_number) || '-in' as membership_event_id, person_number,
        'points_club' as program_id, 'enrolled' as event_type, club_enrolled_at as occurred_at, 'bronze' as tier,
        0 as fee_amount
    from enrolments
    where club_enrolled_at is not null
    union all
    select
        'C-' || order_id, person_number, 'points_club', 'tier_changed', ordered_at + interval 1 minute, tier_after, 0
    from member_orders
    where tier_after <> tier_before
    union all
    select
        'C-' || customer_id_of(person_number) || '-out', person_number, 'points_club', 'left', club_left_at, null, 0
    from enrolments
    where club_left_at is not null
),

plus as (
    select
        'P-' || customer_id_of(person_number) || '-' || term as membership_event_id, person_number,
        'plus' as program_id, case when term = 0 then 'enrolled' else 'renewed' end as event_type,
        plus_enrolled_at + to_days(cast(365 * term as integer)) as occurred_at, null as tier, $plus_fee as fee_amount
    from (
        select *, unnest(range(plus_terms)) as term
        from enrolments
        where plus_enrolled_at is not null
    )
    union all
    select
        'P-' || customer_id_of(person_number) || '-out', person_number, 'plus', 'left', plus_left_at, null, 0
    from enrolments
    where plus_enrolled_at is not null
)

select
    membership_event_id,
    customer_id_of(person_number) as customer_id,
    program_id,
    event_type,
    occurred_at,
    tier,
    fee_amount::decimal(18, 4) as fee_amount,
    occurred_at as updated_at,
    night_load(occurred_at) as _loaded_at
from (from club union all by name from plus)
where occurred_at < $end_at
