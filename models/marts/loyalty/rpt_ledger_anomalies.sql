-- What an engine should not have posted. Nothing is dropped or mended for it.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

expiry as (
    select * from {{ ref('int_program_expiry') }}
),

lots_used_later as (
    select distinct lot_uses.lot_loyalty_transaction_id as loyalty_transaction_id
    from {{ ref('int_point_lot_uses') }} as lot_uses
    inner join as_of
        on lot_uses.use_date > as_of.as_of_date
    where lot_uses.lot_loyalty_transaction_id is not null and lot_uses.use_loyalty_transaction_id is not null
),

-- What is left of a lot on as_of does not know of uses after it.
lots_not_expired as (
    select lots.*
    from {{ ref('int_point_lots') }} as lots
    inner join expiry
        on lots.program_id = expiry.program_id
    inner join as_of
        on
            {{ to_local_date('lots.expires_at') }} < as_of.as_of_date
            and lots.earned_date <= as_of.as_of_date
    where
        expiry.expiry_mode = 'posted'
        and (
            lots.points_earned > lots.points_redeemed + lots.points_expired + lots.points_cancelled
            or lots.loyalty_transaction_id in (select lots_used_later.loyalty_transaction_id from lots_used_later)
        )
),

found as (
    select
        anomalies.loyalty_transaction_id,
        anomalies.customer_id,
        anomalies.program_id,
        anomalies.transaction_type,
        anomalies.points,
        anomalies.occurred_at,
        anomalies.anomaly,
        anomalies.points_uncovered
    from {{ ref('int_ledger_anomalies') }} as anomalies
    inner join as_of
        on anomalies.occurred_date <= as_of.as_of_date
    union all
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        transaction_type,
        points_earned as points,
        earned_at as occurred_at,
        'expiry_not_posted' as anomaly,
        0 as points_uncovered
    from lots_not_expired
),

entries as (
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        transaction_type,
        points,
        occurred_at,
        {{ sort_reasons(dbt.listagg('anomaly', "','")) }} as anomalies,
        cast(sum(points_uncovered) as decimal(18, 4)) as points_uncovered
    from found
    group by 1, 2, 3, 4, 5, 6
)

select * from entries
