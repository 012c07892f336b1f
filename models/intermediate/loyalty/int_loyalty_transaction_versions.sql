with versions as (
    {{ repeated_versions(ref('int_loyalty_transactions_judged')) }}
)

select * from versions
