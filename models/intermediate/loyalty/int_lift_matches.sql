-- Coarsened exact matching: a member's controls are of the same month, frequency, tenure, money and channel; where
-- nobody is, month and frequency do. Together the controls of a stratum weigh as much as the members they
-- stand for. Pairs of a stratum that end at the same age weigh the same, so they are summed here and
-- weighed together.

with order_rates as (
    select * from {{ ref('int_lift_order_rates') }}
),

pairs as (
    select
        program_id,
        is_member,
        month_start,
        frequency_class,
        tenure_class,
        money_class,
        first_sales_channel,
        age_class,
        count(*) as pairs,
        sum(ln(days_before)) as log_days_before,
        sum(ln(days_after)) as log_days_after,
        sum(interval_change) as interval_change,
        sum(net_sales_before) as net_sales_before,
        sum(net_sales_after) as net_sales_after
    from {{ ref('int_lift_pairs') }}
    group by 1, 2, 3, 4, 5, 6, 7, 8
),

-- Pairs that take long are seen the less often, since more customers have left by their end.
with_own_weight as (
    select
        pairs.*,
        {{ ratio('1', 'order_rates.order_days_per_customer_day') }} as own_weight
    from pairs
    inner join order_rates
        on pairs.age_class = order_rates.to_days
),

narrow_strata as (
    select
        program_id,
        month_start,
        frequency_class,
        tenure_class,
        money_class,
        first_sales_channel,
        sum(pairs * own_weight) filter (where is_member) as members_weight,
        sum(pairs * own_weight) filter (where not is_member) as controls_weight
    from with_own_weight
    group by 1, 2, 3, 4, 5, 6
),

wide_strata as (
    select
        program_id,
        month_start,
        frequency_class,
        sum(members_weight) filter (where controls_weight is null) as members_weight,
        sum(controls_weight) as controls_weight
    from narrow_strata
    group by 1, 2, 3
),

weighted as (
    select
        pairs.program_id,
        pairs.is_member,
        pairs.month_start,
        pairs.frequency_class,
        pairs.tenure_class,
        pairs.money_class,
        pairs.first_sales_channel,
        pairs.age_class,
        pairs.pairs,
        pairs.log_days_before,
        pairs.log_days_after,
        pairs.interval_change,
        pairs.net_sales_before,
        pairs.net_sales_after,
        case
            when not pairs.is_member
                then
                    pairs.own_weight * (
                        coalesce({{ ratio('narrow_strata.members_weight', 'narrow_strata.controls_weight') }}, 0)
                        + coalesce({{ ratio('wide_strata.members_weight', 'wide_strata.controls_weight') }}, 0)
                    )
            when wide_strata.controls_weight > 0 then pairs.own_weight
            else 0
        end as weight
    from with_own_weight as pairs
    inner join narrow_strata
        on
            pairs.program_id = narrow_strata.program_id
            and pairs.month_start = narrow_strata.month_start
            and pairs.frequency_class = narrow_strata.frequency_class
            and pairs.tenure_class = narrow_strata.tenure_class
            and pairs.money_class = narrow_strata.money_class
            and pairs.first_sales_channel = narrow_strata.first_sales_channel
    inner join wide_strata
        on
            pairs.program_id = wide_strata.program_id
            and pairs.month_start = wide_strata.month_start
            and pairs.frequency_class = wide_strata.frequency_class
),

matches as (
    select * from weighted
    where is_member or weight > 0
)

select * from matches
