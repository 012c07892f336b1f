with versions as (
    {{ versions_in_doubt(ref('int_loyalty_transactions_judged')) }}
)

select * from versions
