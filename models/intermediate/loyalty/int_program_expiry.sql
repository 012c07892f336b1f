{{ config(materialized='incremental', incremental_strategy='replaced') }}

-- Where the engine posts what expires, the ledger says so; where it posts nothing, lots lapse by their dates.

with declared_programs as (
    select
        program_id,
        points_expire_after_days
    from {{ ref('int_loyalty_programs') }}
),

ledger_programs as (
    select
        program_id,
        count(*) filter (where transaction_type = 'expire') > 0 as has_posted_expiry
    from {{ ref('fct_loyalty_transactions') }}
    group by 1
),

programs as (
    select
        coalesce(declared_programs.program_id, ledger_programs.program_id) as program_id,
        case
            when ledger_programs.has_posted_expiry then 'posted'
            else 'computed'
        end as seen_expiry_mode,
        -- Longer than a lifetime is never, and so is less than nothing.
        case
            when declared_programs.points_expire_after_days between 0 and 36500
                then cast(declared_programs.points_expire_after_days as integer)
        end as points_expire_after_days
    from declared_programs
    full outer join ledger_programs
        on declared_programs.program_id = ledger_programs.program_id
),

told as (
    select
        cast(null as {{ dbt.type_string() }}) as program_id,
        cast(null as {{ dbt.type_string() }}) as expiry_mode
    {%- for program_id, expiry_mode in var('points_expiry').items() %}
    union all
    select
        {{ text_literal(program_id) }} as program_id,
        '{{ expiry_mode }}' as expiry_mode
    {%- endfor %}
),

decided as (
    select
        programs.program_id,
        coalesce(told.expiry_mode, programs.seen_expiry_mode) as expiry_mode,
        programs.points_expire_after_days
    from programs
    left join told
        on programs.program_id = told.program_id
),

marked as (
    select
        programs.program_id,
        programs.expiry_mode,
        programs.points_expire_after_days,
        {%- if is_batch() %}
        cast(case
            when
                before.expiry_mode = programs.expiry_mode
                and before.points_expire_after_days is not distinct from programs.points_expire_after_days
                then before.changed_batch
            else {{ this_batch().batch }}
        end as bigint) as changed_batch
        {%- else %}
        cast({{ this_batch().batch }} as bigint) as changed_batch
        {%- endif %}
    from decided as programs
    {%- if is_batch() %}
    left join {{ this }} as before
        on programs.program_id = before.program_id
    {%- endif %}
)

select * from marked
