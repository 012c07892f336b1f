{{ config(materialized='incremental', incremental_strategy='replaced') }}

-- The programmes that somebody has ever been in, and since which batch: with a new one, everybody's order days may be
-- controls.

with programs as (
    select distinct program_id
    from {{ ref('int_membership_spells') }}
),

marked as (
    select
        programs.program_id,
        {%- if is_batch() %}
        cast(coalesce(before.changed_batch, {{ this_batch().batch }}) as bigint) as changed_batch
        {%- else %}
        cast({{ this_batch().batch }} as bigint) as changed_batch
        {%- endif %}
    from programs
    {%- if is_batch() %}
    left join {{ this }} as before
        on programs.program_id = before.program_id
    {%- endif %}
)

select * from marked
