with first_accounts as (
    select *
    from customers
    where customer_id not like '%-_'
)

select 'unparseable_birth_date' as dirt_kind, 'quarantined' as outcome,
    'unparseable_birth_date' as rejection_reasons,
    * replace (customer_id || '-date' as customer_id, 'last spring' as birth_date, null as email)
from first_accounts
where is_chosen(customer_id, 'unparseable_birth_date', $dirt_interval)
union all
select 'missing_customer_id', 'quarantined', 'missing_customer_id',
    * replace (null as customer_id, null as email)
from first_accounts
where is_chosen(customer_id, 'missing_customer_id', $dirt_interval)
union all
select 'test_customer', 'accepted', null,
    * replace ('T' || substr(customer_id, 2, 7) as customer_id, true as is_test,
        'test' || substr(customer_id, 2, 7) || '@example.com' as email)
from first_accounts
where is_chosen(customer_id, 'test_customer', $dirt_interval)
union all
-- Before the customer gave or took back consent.
select 'older_version', 'superseded', null,
    * replace (not email_consent as email_consent, created_at - interval 1 minute as updated_at)
from customers
where
    uniform('older version', customer_id) < $older_version_share
    or is_chosen(customer_id, 'older_version', $dirt_interval)
union all
select 'exact_duplicate', 'superseded', null, *
from first_accounts
where is_chosen(customer_id, 'exact_duplicate', $dirt_interval)
