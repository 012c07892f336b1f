-- What the chain ladder knows at the end of each month: how redemptions of older vintages grew from one age to
-- the next. Only ages after which anything was ever redeemed are kept: the others change nothing.

with steps as (
    select
        program_id,
        age_months,
        points_issued,
        points_redeemed,
        lead(points_redeemed) over by_age as next_points_redeemed,
        lead(valuation_month) over by_age as valuation_month,
        lead(is_month_over) over by_age as is_month_over
    from {{ ref('int_points_vintages') }}
    window by_age as (
        partition by program_id, vintage_month
        order by age_months
    )
),

ages as (
    select distinct
        program_id,
        age_months
    from steps
    where
        is_month_over
        and next_points_redeemed > points_redeemed
),

valuation_months as (
    select distinct
        program_id,
        valuation_month
    from {{ ref('int_points_vintages') }}
    where is_month_over
),

known_steps as (
    select
        ages.program_id,
        ages.age_months,
        valuation_months.valuation_month,
        sum(steps.points_issued) over to_date as points_issued,
        sum(steps.points_redeemed) over to_date as points_redeemed,
        sum(steps.next_points_redeemed) over to_date as next_points_redeemed
    from ages
    inner join valuation_months
        on ages.program_id = valuation_months.program_id
    left join steps
        on
            ages.program_id = steps.program_id
            and ages.age_months = steps.age_months
            and valuation_months.valuation_month = steps.valuation_month
    window to_date as (
        partition by ages.program_id, ages.age_months
        order by valuation_months.valuation_month
        rows between unbounded preceding and current row
    )
),

rated as (
    select
        program_id,
        age_months,
        valuation_month,
        {{ link_ratio('next_points_redeemed', 'points_redeemed') }} as link_ratio,
        coalesce({{ redemption_rate('next_points_redeemed - points_redeemed', 'points_issued') }}, 0)
            as redemption_rate_of_next_age
    from known_steps
),

developed as (
    select
        program_id,
        valuation_month,
        age_months,
        -- A product, as engines have none.
        exp(sum(ln(link_ratio)) over to_the_end) as development_factor,
        sum(redemption_rate_of_next_age) over to_the_end as redemption_rate_still_to_come
    from rated
    window to_the_end as (
        partition by program_id, valuation_month
        order by age_months desc
        rows between unbounded preceding and current row
    )
)

select * from developed
