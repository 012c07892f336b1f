-- The difference in differences of the logarithms, and its variance from what each customer adds to it: a customer's
-- pairs are not independent of each other, whichever side they are on.

with matches as (
    select * from {{ ref('int_lift_matches') }}
),

sides as (
    select
        program_id,
        is_member,
        sum(pairs) as pairs,
        sum(weight * pairs) as weight,
        sum(weight * log_days_before) as log_days_before,
        sum(weight * log_days_after) as log_days_after,
        sum(weight * interval_change) as interval_change,
        sum(weight * net_sales_before) as net_sales_before,
        sum(weight * net_sales_after) as net_sales_after
    from matches
    where weight > 0
    group by 1, 2
),

means as (
    select
        program_id,
        is_member,
        pairs,
        weight,
        {{ ratio('log_days_before', 'weight') }} as log_days_before,
        {{ ratio('log_days_after', 'weight') }} as log_days_after,
        {{ ratio('interval_change', 'weight') }} as interval_change,
        {{ ratio('net_sales_before', 'weight') }} as net_sales_before,
        {{ ratio('net_sales_after', 'weight') }} as net_sales_after
    from sides
),

-- Of positive means only: others have no logarithm.
changes as (
    select
        *,
        case
            when net_sales_before > 0 and net_sales_after > 0
                then interval_change + ln({{ ratio('net_sales_after', 'net_sales_before') }})
        end as net_sales_change
    from means
),

-- Linearised: how far a pair of a stratum moves the estimate for each unit by which it lies off the mean.
influences as (
    select
        matches.program_id,
        matches.is_member,
        matches.month_start,
        matches.frequency_class,
        matches.tenure_class,
        matches.money_class,
        matches.first_sales_channel,
        matches.age_class,
        case when matches.is_member then 1 else -1 end
        * {{ ratio('matches.weight', 'changes.weight') }} as influence,
        changes.interval_change,
        changes.net_sales_before,
        changes.net_sales_after
    from matches
    inner join changes
        on
            matches.program_id = changes.program_id
            and matches.is_member = changes.is_member
    where matches.weight > 0
),

shares as (
    select
        pairs.program_id,
        pairs.customer_id,
        count(*) filter (where pairs.is_member) as member_pairs,
        count(*) filter (where not pairs.is_member) as control_pairs,
        sum(influences.influence * (pairs.interval_change - influences.interval_change)) as orders_share,
        sum(
            influences.influence
            * (
                pairs.interval_change - influences.interval_change
                + {{ ratio('pairs.net_sales_after', 'influences.net_sales_after') }}
                - {{ ratio('pairs.net_sales_before', 'influences.net_sales_before') }}
            )
        ) as net_sales_share
    from {{ ref('int_lift_pairs') }} as pairs
    inner join influences
        on
            pairs.program_id = influences.program_id
            and pairs.is_member = influences.is_member
            and pairs.month_start = influences.month_start
            and pairs.frequency_class = influences.frequency_class
            and pairs.tenure_class = influences.tenure_class
            and pairs.money_class = influences.money_class
            and pairs.first_sales_channel = influences.first_sales_channel
            and pairs.age_class = influences.age_class
    group by 1, 2
),

variances as (
    select
        program_id,
        count(*) filter (where member_pairs > 0) as members,
        count(*) filter (where control_pairs > 0) as controls,
        sum(orders_share * orders_share) as orders_variance,
        sum(net_sales_share * net_sales_share) as net_sales_variance
    from shares
    group by 1
),

effects as (
    select
        members.program_id,
        variances.members,
        variances.controls,
        controls.pairs as control_intervals,
        members.log_days_before as members_log_days_before,
        members.log_days_after as members_log_days_after,
        controls.log_days_before as controls_log_days_before,
        controls.log_days_after as controls_log_days_after,
        members.interval_change - controls.interval_change as orders_effect,
        members.net_sales_change - controls.net_sales_change as net_sales_effect,
        -- One customer has no spread.
        case when least(variances.members, variances.controls) > 1 then sqrt(variances.orders_variance) end
            as orders_effect_error,
        case
            when least(variances.members, variances.controls) > 1 and members.net_sales_change is not null
                and controls.net_sales_change is not null
                then sqrt(variances.net_sales_variance)
        end as net_sales_effect_error
    from changes as members
    inner join changes as controls
        on
            members.program_id = controls.program_id
            and members.is_member
            and not controls.is_member
    inner join variances
        on members.program_id = variances.program_id
)

select * from effects
