select 'missing_referred_customer' as dirt_kind, 'quarantined' as outcome,
    'missing_referred_customer_id' as rejection_reasons,
    * replace (referral_id || '-none' as referral_id, null as referred_customer_id)
from referrals
where is_chosen(referred_customer_id, 'missing_referred_customer', $dirt_interval / 15)
