{{ config(materialized='incremental', incremental_strategy='replaced') }}

with standing as (
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
    left join {{ this }} as before
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
    changed_batch
from marked
