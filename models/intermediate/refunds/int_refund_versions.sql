with versions as (
    {{ versions_in_doubt(ref('int_refunds_judged')) }}
)

select * from versions
