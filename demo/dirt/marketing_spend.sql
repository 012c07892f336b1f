select 'negative_spend' as dirt_kind, 'quarantined' as outcome, 'negative_amount' as rejection_reasons,
    * replace (spend_id || '-minus' as spend_id, -amount - 1 as amount)
from marketing_spend
where channel = 'ppc' and day(spend_date) = 3 and month(spend_date) % 3 = 0
union all
select 'missing_amount', 'quarantined', 'missing_amount',
    * replace (spend_id || '-none' as spend_id, null as amount)
from marketing_spend
where channel = 'social' and day(spend_date) = 4 and month(spend_date) % 3 = 0
union all
select 'older_version', 'superseded', null,
    * replace (amount + 1 as amount, updated_at - interval 5 hours as updated_at)
from marketing_spend
where channel = 'ppc' and day(spend_date) = 20
