-- The vintages at their last age, added up, are the lots and what became of them. Catches a lot or a use that
-- falls between vintages, and one that is counted twice.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

lots as (
    select
        lots.program_id,
        sum(lots.points_earned) as points_issued
    from {{ ref('int_point_lots') }} as lots
    cross join as_of
    where lots.earned_date <= as_of.as_of_date
    group by 1
),

uses as (
    select
        uses.program_id,
        sum(uses.points) filter (where uses.use_type = 'redeemed') as points_redeemed,
        sum(uses.points) filter (where uses.use_type = 'expired') as points_expired,
        sum(uses.points) filter (where uses.use_type = 'cancelled') as points_cancelled
    from {{ ref('int_point_lot_uses') }} as uses
    cross join as_of
    where uses.use_date <= as_of.as_of_date
    group by 1
),

last_ages as (
    select
        program_id,
        vintage_month,
        max(age_months) as age_months
    from {{ ref('rpt_points_vintages') }}
    group by 1, 2
),

vintages as (
    select
        vintages.program_id,
        sum(vintages.points_issued) as points_issued,
        sum(vintages.points_redeemed) as points_redeemed,
        sum(vintages.points_expired) as points_expired,
        sum(vintages.points_cancelled) as points_cancelled
    from {{ ref('rpt_points_vintages') }} as vintages
    inner join last_ages
        on
            vintages.program_id = last_ages.program_id
            and vintages.vintage_month = last_ages.vintage_month
            and vintages.age_months = last_ages.age_months
    group by 1
)

select
    coalesce(lots.program_id, vintages.program_id) as program_id,
    lots.points_issued as points_of_lots,
    vintages.points_issued,
    uses.points_redeemed as points_redeemed_of_lots,
    vintages.points_redeemed,
    uses.points_expired as points_expired_of_lots,
    vintages.points_expired,
    uses.points_cancelled as points_cancelled_of_lots,
    vintages.points_cancelled
from lots
full outer join vintages
    on lots.program_id = vintages.program_id
left join uses
    on lots.program_id = uses.program_id
where
    vintages.points_issued is distinct from lots.points_issued
    or vintages.points_redeemed <> coalesce(uses.points_redeemed, 0)
    or vintages.points_expired <> coalesce(uses.points_expired, 0)
    or vintages.points_cancelled <> coalesce(uses.points_cancelled, 0)
