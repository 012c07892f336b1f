{#- Maximum likelihood by looking: the best point of a grid, then of a finer one around it, seven times. A finer grid
    reaches three cells of the coarser one to every side, so each may correct the one before; the cells of the last are a
    170,000th wide, in logarithms. Plain SQL of a fixed length, the same in every build: likelihoods are added as
    decimals, whose sum does not depend on the order of the rows. More and smaller grids would do less work,
    but an engine plans nested queries ever more slowly: twelve take a minute. -#}
{% macro fit_shifted_beta_geometric(tenures) -%}
{%- set steps = 7 -%}
with tenures as (
    select * from {{ tenures }}
),

best_0 as (
    select
        program_id,
        0e0 as log_odds,
        0e0 as log_size
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
        best.log_odds + odds_offsets.distance as log_odds,
        best.log_size + size_offsets.distance as log_size,
        greatest(abs(odds_offsets.distance), abs(size_offsets.distance)) < {{ '%.12e' % ((reach - 0.5) * cell) }}
            as is_inside
    from best_{{ step - 1 }} as best
    cross join offsets_{{ step }} as odds_offsets
    cross join offsets_{{ step }} as size_offsets
),

likelihoods_{{ step }} as (
    select
        candidates.program_id,
        candidates.log_odds,
        candidates.log_size,
        candidates.is_inside,
        sum(cast({{ sbg_log_likelihood(
            'tenures.members_left', 'tenures.at_risk', 'tenures.tenure',
            sbg_parameter('candidates.log_size', 'candidates.log_odds'),
            sbg_parameter('candidates.log_size', '-candidates.log_odds')
        ) }} as decimal(38, 14))) as log_likelihood
    from candidates_{{ step }} as candidates
    inner join tenures
        on candidates.program_id = tenures.program_id
    group by 1, 2, 3, 4
),

best_{{ step }} as (
    select
        program_id,
        max_by(log_odds, log_likelihood) as log_odds,
        max_by(log_size, log_likelihood) as log_size,
        max_by(is_inside, log_likelihood) as is_inside
    from likelihoods_{{ step }}
    group by 1
),
{%- endfor %}

-- At the edge of the first grid all members are alike, or each leaves at once or never: no beta distribution says
-- so. At the edge of the last one the likelihood goes on rising.
fits as (
    select
        program_id,
        {{ sbg_parameter('log_size', 'log_odds') }} as alpha,
        {{ sbg_parameter('log_size', '-log_odds') }} as beta
    from best_{{ steps }}
    where is_inside and abs(log_size) < 12 and abs(log_odds) < 12
)

select * from fits
{%- endmacro %}
