{{ config(materialized='incremental', incremental_strategy='replaced') }}

-- The end of each chain of merged accounts, and in which batch it last changed. A chain whose end is itself
-- merged away runs in a circle (or is longer than 256 merges).

with followed as (
    {{ follow_aliases(ref('int_customer_alias_hops')) }}
),

ended as (
    select
        followed.alias_customer_id,
        hops.named_customer_id,
        followed.customer_id,
        case when merged_away.alias_customer_id is not null then 'alias_cycle' end as rejection_reasons
    from followed
    inner join {{ ref('int_customer_alias_hops') }} as hops
        on followed.alias_customer_id = hops.alias_customer_id
    left join {{ ref('int_customer_alias_steps') }} as merged_away
        on followed.customer_id = merged_away.alias_customer_id
),

resolved as (
    select
        *,
        case when rejection_reasons is null then customer_id else alias_customer_id end as resolved_customer_id
    from ended
),

marked as (
    {%- if is_batch() %}
    select
        resolved.*,
        case
            when before.alias_customer_id is null then resolved.alias_customer_id
            when before.changed_batch > {{ this_batch().base_batch }} then before.previous_customer_id
            else before.resolved_customer_id
        end as previous_customer_id,
        cast(case
            when before.resolved_customer_id = resolved.resolved_customer_id then before.changed_batch
            else {{ this_batch().batch }}
        end as bigint) as changed_batch
    from resolved
    left join {{ this }} as before
        on resolved.alias_customer_id = before.alias_customer_id
    {%- else %}
    select
        *,
        resolved_customer_id as previous_customer_id,
        cast({{ this_batch().batch }} as bigint) as changed_batch
    from resolved
    {%- endif %}
)

select * from marked
