-- The one place where lots and their uses are read whole: everything after it works on their sums by day.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

lots as (
    select
        lots.program_id,
        lots.is_purchase,
        lots.points_earned,
        lots.earned_date,
        {{ period_start_of('month', 'lots.earned_date') }} as vintage_month
    from {{ ref('int_point_lots') }} as lots
    cross join as_of
    where lots.earned_date <= as_of.as_of_date
),

uses as (
    select
        uses.program_id,
        uses.lot_is_purchase as is_purchase,
        uses.use_type,
        uses.points,
        uses.use_date,
        {{ period_start_of('month', 'uses.lot_earned_date') }} as vintage_month
    from {{ ref('int_point_lot_uses') }} as uses
    cross join as_of
    where
        uses.lot_earned_date <= as_of.as_of_date
        and uses.use_date <= as_of.as_of_date
),

issues_by_day as (
    select
        program_id,
        is_purchase,
        vintage_month,
        earned_date as flow_date,
        sum(points_earned) as points_issued
    from lots
    group by 1, 2, 3, 4
),

uses_by_day as (
    select
        program_id,
        is_purchase,
        vintage_month,
        use_date as flow_date,
        sum(points) filter (where use_type = 'redeemed') as points_redeemed,
        sum(points) filter (where use_type = 'expired') as points_expired,
        sum(points) filter (where use_type = 'cancelled') as points_cancelled
    from uses
    group by 1, 2, 3, 4
),

by_day as (
    select
        coalesce(issues_by_day.program_id, uses_by_day.program_id) as program_id,
        coalesce(issues_by_day.is_purchase, uses_by_day.is_purchase) as is_purchase,
        cast(coalesce(issues_by_day.points_issued, 0) as decimal(28, 4)) as points_issued,
        cast(coalesce(uses_by_day.points_redeemed, 0) as decimal(28, 4)) as points_redeemed,
        cast(coalesce(uses_by_day.points_expired, 0) as decimal(28, 4)) as points_expired,
        cast(coalesce(uses_by_day.points_cancelled, 0) as decimal(28, 4)) as points_cancelled,
        coalesce(issues_by_day.vintage_month, uses_by_day.vintage_month) as vintage_month,
        coalesce(issues_by_day.flow_date, uses_by_day.flow_date) as flow_date
    from issues_by_day
    full outer join uses_by_day
        on
            issues_by_day.program_id = uses_by_day.program_id
            and issues_by_day.is_purchase = uses_by_day.is_purchase
            and issues_by_day.vintage_month = uses_by_day.vintage_month
            and issues_by_day.flow_date = uses_by_day.flow_date
)

select * from by_day
