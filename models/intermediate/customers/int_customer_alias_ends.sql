-- The end of each chain of merged accounts. A chain whose end is itself merged away runs in a circle
-- (or is longer than 256 merges).

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
)

select * from ended
