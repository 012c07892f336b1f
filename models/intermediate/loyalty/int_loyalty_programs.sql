{%- if is_batch() %}
-- Made from versions of another run, as by `dbt run --select`, this table may hold a programme twice: what it was
-- is not known then.
with known_before as (
    select
        program_id,
        min(program_type) as program_type,
        min(point_value) as point_value,
        min(changed_batch) as changed_batch
    from {{ this }}
    group by 1
    having count(*) = 1
),

standing as (
{%- else %}
with standing as (
{%- endif %}
    {{ standing_versions(ref('stg_loyalty_programs'), ref('int_loyalty_program_versions')) }}
),

marked as (
    select
        standing.*,
        {%- if is_batch() %}
        cast(case
            when before.program_type = standing.program_type and before.point_value is not distinct from standing.point_value
                then before.changed_batch
            else {{ this_batch().batch }}
        end as bigint) as changed_batch
        {%- else %}
        cast({{ this_batch().batch }} as bigint) as changed_batch
        {%- endif %}
    from standing
    {%- if is_batch() %}
    left join known_before as before
        on standing.program_id = before.program_id
    {%- endif %}
)

select
    program_id,
    program_name,
    program_type,
    delivery,
    point_value,
    points_expire_after_days,
    expected_redemption_rate,
    partner_cost_share,
    changed_batch,
    updated_at,
    _loaded_at
from marked
