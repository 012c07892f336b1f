{#- Maximum likelihood by looking: the best point of a grid, then of a finer one around it, seven times. A finer grid
    reaches three cells of the coarser one to every side, so each may correct the one before; the cells of the last are a
    170,000th wide, in logarithms. The odds are those at the tenure at which members leave on average, where they are
    known best: they hardly depend on beta, so the peak is no ridge across the cells, which a coarse grid would step
    over. Plain SQL of a fixed length, the same in every build: likelihoods are added as decimals, whose sum does not
    depend on the order of the rows. More and smaller grids would do less work, but an engine plans nested queries ever
    more slowly: twelve take a minute. -#}
{% macro fit_shifted_beta_geometric(tenures) -%}
{%- set steps = 7 -%}
{#- On later grids a flat summit is so flat that its highest point is chance. -#}
{%- set judged = 5 -%}
with tenures as (
    select * from {{ tenures }}
),

best_0 as (
    select
        program_id,
        {{ ratio('sum(members_left * (tenure - 1))', 'sum(members_left)') }} as tenures_before_leaving,
        0e0 as log_odds,
        0e0 as log_beta,
        true as is_inside
    from tenures
    group by 1
    having sum(members_left) > 0 and count(*) > 1
),
{%- for step in range(1, steps + 1) %}
{%- set reach = 30 if step == 1 else 20 %}
{%- set cell = 0.5 * 0.15 ** (step - 1) %}

offsets_{{ step }} as (
    select cast(number as double) * {{ '%.12e' % cell }} as distance
    -- Not every engine makes rows inside an expression.
    from (select {{ number_spine_rows(-reach, reach) }} as number) as numbers
),

candidates_{{ step }} as (
    select
        best.program_id,
        best.tenures_before_leaving,
        best.log_odds + odds_offsets.distance as log_odds,
        best.log_beta + beta_offsets.distance as log_beta,
        {%- if step == judged %}
        greatest(abs(odds_offsets.distance), abs(beta_offsets.distance)) < {{ '%.12e' % ((reach - 0.5) * cell) }}
            as is_inside
        {%- else %}
        best.is_inside
        {%- endif %}
    from best_{{ step - 1 }} as best
    cross join offsets_{{ step }} as odds_offsets
    cross join offsets_{{ step }} as beta_offsets
),

likelihoods_{{ step }} as (
    select
        candidates.program_id,
        candidates.tenures_before_leaving,
        candidates.log_odds,
        candidates.log_beta,
        candidates.is_inside,
        sum(cast({{ sbg_log_likelihood(
            'tenures.members_left', 'tenures.at_risk', 'tenures.tenure',
            sbg_alpha('candidates.log_odds', 'exp(candidates.log_beta)', 'candidates.tenures_before_leaving'),
            'exp(candidates.log_beta)'
        ) }} as decimal(38, 14))) as log_likelihood
    from candidates_{{ step }} as candidates
    inner join tenures
        on candidates.program_id = tenures.program_id
    group by 1, 2, 3, 4, 5
),

best_{{ step }} as (
    select
        program_id,
        tenures_before_leaving,
        log_odds,
        log_beta,
        is_inside
    from (
        select
            *,
            -- On a flat summit points are equally high: which one is taken must not depend on the order of the rows.
            row_number() over (
                partition by program_id
                order by log_likelihood desc, log_odds asc, log_beta asc
            ) as place
        from likelihoods_{{ step }}
    ) as places
    where place = 1
),
{%- endfor %}

parameters as (
    select
        program_id,
        {{ sbg_alpha('log_odds', 'exp(log_beta)', 'tenures_before_leaving') }} as alpha,
        exp(log_beta) as beta,
        is_inside
    from best_{{ steps }}
),

-- At the edge of the first grid all members are alike, or each leaves at once or never: no beta distribution says
-- so. At the edge of a later one the likelihood goes on rising.
fits as (
    select
        program_id,
        alpha,
        beta
    from parameters
    where
        is_inside
        and abs(ln(alpha + beta)) < 12
        and abs(ln(alpha / beta)) < 12
)

select * from fits
{%- endmacro %}
