{#- Maximum likelihood by looking: the best point of a grid, then of a finer one around it, seven times. A finer grid
    reaches three cells of the coarser one to every side, so each may correct the one before; the cells of the last are a
    170,000th wide, in logarithms. Plain SQL of a fixed length, the same in every build: likelihoods are added as
    decimals, whose sum does not depend on the order of the rows. More and smaller grids would do less work,
    but an engine plans nested queries ever more slowly: twelve take a minute. -#}
{% macro fit_shifted_beta_geometric(tenures) -%}
    {%- set search = namespace(best='') -%}
    {%- set search.best -%}
        select
            program_id,
            0e0 as log_odds,
            0e0 as log_size
        from {{ tenures }}
        group by 1
        having sum(members_left) > 0 and count(*) > 1
    {%- endset -%}
    {%- for step in range(7) -%}
        {%- set reach = 20 if step else 30 -%}
        {%- set steps -%}
            (select cast({{ number_spine_rows(-reach, reach) }} as double) * {{ '%.12e' % (0.5 * 0.15 ** step) }} as step)
        {%- endset -%}
        {%- set search.best -%}
            select
                program_id,
                max_by(log_odds, log_likelihood) as log_odds,
                max_by(log_size, log_likelihood) as log_size,
                max_by(distance, log_likelihood) as distance
            from (
                select
                    candidates.program_id,
                    candidates.log_odds,
                    candidates.log_size,
                    candidates.distance,
                    sum(cast({{ sbg_log_likelihood(
                        'tenures.members_left', 'tenures.at_risk', 'tenures.tenure',
                        sbg_parameter('candidates.log_size', 'candidates.log_odds'),
                        sbg_parameter('candidates.log_size', '-candidates.log_odds')
                    ) }} as decimal(38, 14))) as log_likelihood
                from (
                    select
                        best.program_id,
                        best.log_odds + odds_steps.step as log_odds,
                        best.log_size + size_steps.step as log_size,
                        greatest(abs(odds_steps.step), abs(size_steps.step)) as distance
                    from ({{ search.best }}) as best
                    cross join {{ steps }} as odds_steps
                    cross join {{ steps }} as size_steps
                ) as candidates
                inner join {{ tenures }} as tenures
                    on candidates.program_id = tenures.program_id
                group by 1, 2, 3, 4
            ) as likelihoods
            group by 1
        {%- endset -%}
    {%- endfor -%}
    select
        program_id,
        {{ sbg_parameter('log_size', 'log_odds') }} as alpha,
        {{ sbg_parameter('log_size', '-log_odds') }} as beta
    from ({{ search.best }}) as best
    -- At the edge of the first grid all members are alike, or each leaves at once or never: no beta distribution says
    -- so. At the edge of the last one the likelihood goes on rising.
    where abs(log_size) < 12 and abs(log_odds) < 12 and distance < {{ '%.12e' % (19.5 * 0.5 * 0.15 ** 6) }}
{%- endmacro %}
