{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_loyalty_members'}}
) }}

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

ledger as (
    select
        transactions.*,
        {{ is_entry_used('transactions.transaction_type', 'expiry.expiry_mode') }} as is_used,
        as_of.as_of_date
    from {{ ref('fct_loyalty_transactions') }} as transactions
    cross join as_of
    inner join {{ ref('int_program_expiry') }} as expiry
        on transactions.program_id = expiry.program_id
    where
        transactions.occurred_date <= as_of.as_of_date
        and {{ is_touched('transactions.customer_id', ref('int_batch_loyalty_members')) }}
),

ledger_members as (
    select
        customer_id,
        program_id,
        min(occurred_at) as first_entry_at,
        sum(signed_points) filter (where is_used) as points,
        sum(signed_points) filter (where signed_points > 0 and available_date > as_of_date) as points_pending,
        sum(points) filter (where transaction_type = 'earn') as points_earned,
        sum(points) filter (where transaction_type = 'redeem') as points_redeemed,
        sum(points) filter (where transaction_type = 'expire' and is_used) as points_expired
    from ledger
    group by 1, 2
),

lot_uses as (
    select
        uses.customer_id,
        uses.program_id,
        sum(uses.points) filter (where uses.transaction_type = 'lapse') as points_lapsed,
        sum(uses.points) filter (where uses.use_type = 'uncovered') as points_uncovered
    from {{ ref('int_point_lot_uses') }} as uses
    cross join as_of
    where
        uses.use_date <= as_of.as_of_date
        and {{ is_touched('uses.customer_id', ref('int_batch_loyalty_members')) }}
        and (uses.transaction_type = 'lapse' or uses.use_type = 'uncovered')
    group by 1, 2
),

pending_points_used as (
    select
        used.customer_id,
        used.program_id,
        sum(used.points) as points
    from {{ ref('int_pending_points_used') }} as used
    cross join as_of
    where
        used.use_date <= as_of.as_of_date
        and used.available_date > as_of.as_of_date
        and {{ is_touched('used.customer_id', ref('int_batch_loyalty_members')) }}
    group by 1, 2
),

-- The day of an expiry, wherever the shop is, lies within a day of its date in UTC: by that most lots are passed over.
expiring_lots as (
    select
        lots.loyalty_transaction_id,
        lots.customer_id,
        lots.program_id,
        lots.points_earned,
        as_of.as_of_date
    from {{ ref('int_point_lots') }} as lots
    cross join as_of
    where
        lots.earned_date <= as_of.as_of_date
        and lots.expires_at >= as_of.as_of_date
        and lots.expires_at < {{ add_days('as_of.as_of_date', 32) }}
        and {{ is_touched('lots.customer_id', ref('int_batch_loyalty_members')) }}
        and {{ to_local_date('lots.expires_at') }} > as_of.as_of_date
        and {{ to_local_date('lots.expires_at') }} <= {{ add_days('as_of.as_of_date', 30) }}
),

-- What entries after as_of take from a lot has not been taken yet.
used_points_of_expiring_lots as (
    select
        uses.lot_loyalty_transaction_id,
        sum(uses.points) as points
    from {{ ref('int_point_lot_uses') }} as uses
    inner join expiring_lots
        on
            uses.lot_loyalty_transaction_id = expiring_lots.loyalty_transaction_id
            and uses.use_date <= expiring_lots.as_of_date
    group by 1
),

expiring_points as (
    select
        expiring_lots.customer_id,
        expiring_lots.program_id,
        sum(expiring_lots.points_earned - coalesce(used_points.points, 0)) as points
    from expiring_lots
    left join used_points_of_expiring_lots as used_points
        on expiring_lots.loyalty_transaction_id = used_points.lot_loyalty_transaction_id
    group by 1, 2
),

events as (
    select events.*
    from {{ ref('int_membership_events') }} as events
    cross join as_of
    where
        events.occurred_date <= as_of.as_of_date
        and {{ is_touched('events.customer_id', ref('int_batch_loyalty_members')) }}
),

event_members as (
    select
        customer_id,
        program_id,
        min(occurred_at) as first_event_at,
        sum(fee_amount) as fees_paid
    from events
    group by 1, 2
),

spells as (
    select
        spells.customer_id,
        spells.program_id,
        max(spells.spell_number) as spell_number
    from {{ ref('int_membership_spells') }} as spells
    cross join as_of
    where
        spells.enrolled_date <= as_of.as_of_date
        and {{ is_touched('spells.customer_id', ref('int_batch_loyalty_members')) }}
    group by 1, 2
),

current_spells as (
    select
        last_spells.customer_id,
        last_spells.program_id,
        last_spells.spell_number,
        case when spells.left_date <= as_of.as_of_date then spells.left_at end as left_at
    from spells as last_spells
    cross join as_of
    inner join {{ ref('int_membership_spells') }} as spells
        on
            last_spells.customer_id = spells.customer_id
            and last_spells.program_id = spells.program_id
            and last_spells.spell_number = spells.spell_number
),

spell_events as (
    select
        customer_id,
        program_id,
        spell_number,
        count(*) filter (where is_renewal) as renewals,
        max_by(tier, event_number) filter (where tier is not null and not closes_spell) as tier
    from events
    where spell_number is not null
    group by 1, 2, 3
),

member_programs as (
    select
        customer_id,
        program_id
    from ledger_members
    union distinct
    select
        customer_id,
        program_id
    from event_members
),

members as (
    select
        member_programs.customer_id,
        member_programs.program_id,
        coalesce(event_members.first_event_at, ledger_members.first_entry_at) as enrolled_at,
        current_spells.left_at,
        current_spells.customer_id is not null and current_spells.left_at is null as is_active,
        spell_events.tier,
        cast(coalesce(spell_events.renewals, 0) as bigint) as renewals,
        cast(coalesce(event_members.fees_paid, 0) as decimal(28, 4)) as fees_paid,
        cast(
            coalesce(ledger_members.points, 0)
            - coalesce(ledger_members.points_pending, 0)
            + coalesce(pending_points_used.points, 0)
            - coalesce(lot_uses.points_lapsed, 0)
            as decimal(28, 4)
        ) as points_balance,
        cast(coalesce(ledger_members.points_pending, 0) - coalesce(pending_points_used.points, 0) as decimal(28, 4))
            as points_pending,
        cast(coalesce(lot_uses.points_uncovered, 0) as decimal(28, 4)) as points_uncovered,
        cast(coalesce(ledger_members.points_earned, 0) as decimal(28, 4)) as points_earned,
        cast(coalesce(ledger_members.points_redeemed, 0) as decimal(28, 4)) as points_redeemed,
        cast(coalesce(ledger_members.points_expired, 0) + coalesce(lot_uses.points_lapsed, 0) as decimal(28, 4))
            as points_expired,
        cast(coalesce(expiring_points.points, 0) as decimal(28, 4)) as points_expiring_30d
    from member_programs
    left join ledger_members
        on
            member_programs.customer_id = ledger_members.customer_id
            and member_programs.program_id = ledger_members.program_id
    left join event_members
        on
            member_programs.customer_id = event_members.customer_id
            and member_programs.program_id = event_members.program_id
    left join current_spells
        on
            member_programs.customer_id = current_spells.customer_id
            and member_programs.program_id = current_spells.program_id
    left join spell_events
        on
            current_spells.customer_id = spell_events.customer_id
            and current_spells.program_id = spell_events.program_id
            and current_spells.spell_number = spell_events.spell_number
    left join lot_uses
        on
            member_programs.customer_id = lot_uses.customer_id
            and member_programs.program_id = lot_uses.program_id
    left join pending_points_used
        on
            member_programs.customer_id = pending_points_used.customer_id
            and member_programs.program_id = pending_points_used.program_id
    left join expiring_points
        on
            member_programs.customer_id = expiring_points.customer_id
            and member_programs.program_id = expiring_points.program_id
)

select * from members
