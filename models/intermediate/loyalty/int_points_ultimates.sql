-- The month that is not over has no development of its own: what is known is that of the month before.
with vintages as (
    select
        *,
        case
            when is_month_over then valuation_month
            else {{ period_start_of('month', add_days('valuation_month', -1)) }}
        end as development_month,
        min(vintage_month) over (partition by program_id) as first_vintage_month
    from {{ ref('int_points_vintages') }}
),

points_ended as (
    select
        program_id,
        valuation_month,
        sum(points_redeemed + points_expired) as points_ended_of_program
    from {{ ref('int_points_vintages') }}
    group by 1, 2
),

rate_spans as (
    select * from {{ ref('int_redemption_rate_spans') }}
),

development as (
    select * from {{ ref('int_redemption_development') }}
),

development_ages as (
    select distinct
        program_id,
        age_months
    from development
),

vintage_ages as (
    select distinct
        program_id,
        age_months
    from vintages
),

-- From an age on which nothing was redeemed the way to the end is that from the next age that counts.
next_ages as (
    select
        ages.program_id,
        ages.age_months,
        min(development_ages.age_months) over (
            partition by ages.program_id
            order by ages.age_months desc
            rows between unbounded preceding and current row
        ) as development_age
    from vintage_ages as ages
    left join development_ages
        on
            ages.program_id = development_ages.program_id
            and ages.age_months = development_ages.age_months
),

expected as (
    select
        vintages.program_id,
        vintages.vintage_month,
        vintages.age_months,
        vintages.valuation_date,
        vintages.is_month_over,
        vintages.points_issued,
        vintages.points_redeemed,
        vintages.points_expired,
        vintages.points_cancelled,
        vintages.points_outstanding,
        vintages.points_issued - vintages.points_cancelled as points_not_cancelled,
        case
            when rate_spans.program_id is not null then rate_spans.estimate_source
            when
                vintages.development_month <= vintages.first_vintage_month
                or points_ended.points_ended_of_program = 0
                then 'none'
            else 'chain_ladder'
        end as estimate_source,
        rate_spans.expected_redemption_rate,
        coalesce(development.development_factor, 1) as development_factor,
        coalesce(development.redemption_rate_still_to_come, 0) as redemption_rate_still_to_come
    from vintages
    left join points_ended
        on
            vintages.program_id = points_ended.program_id
            and vintages.development_month = points_ended.valuation_month
    left join rate_spans
        on
            vintages.program_id = rate_spans.program_id
            and (rate_spans.valid_from is null or vintages.valuation_date >= rate_spans.valid_from)
            and (rate_spans.valid_until is null or vintages.valuation_date < rate_spans.valid_until)
    left join next_ages
        on
            vintages.program_id = next_ages.program_id
            and vintages.age_months = next_ages.age_months
    left join development
        on
            next_ages.program_id = development.program_id
            and next_ages.development_age = development.age_months
            and vintages.development_month = development.valuation_month
),

estimated as (
    select
        *,
        case
            when estimate_source in ('redemption_estimates', 'program')
                then expected_redemption_rate * points_not_cancelled
            when estimate_source = 'none' then points_not_cancelled
            when points_redeemed > 0 then points_redeemed * development_factor
            else points_issued * redemption_rate_still_to_come
        end as ultimate_redemptions
    from expected
),

bounded as (
    select
        *,
        {{ expected_redemptions('ultimate_redemptions', 'points_redeemed', 'points_outstanding') }}
            as expected_redemptions
    from estimated
)

select
    program_id,
    vintage_month,
    age_months,
    valuation_date,
    is_month_over,
    estimate_source,
    points_issued,
    points_redeemed,
    points_expired,
    points_cancelled,
    points_outstanding,
    expected_redemptions,
    {{ ultimate_redemption_rate('expected_redemptions', 'points_not_cancelled') }} as ultimate_redemption_rate
from bounded
