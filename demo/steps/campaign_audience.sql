-- Who was asked by which campaign, and who was held out. Depends on consent and the first order alone,
-- never on later purchases: the difference between sent and held out is the campaign's doing.
with asked as (
    select
        persons.person_number,
        campaign_plan.*
    from persons
    inner join campaign_plan
        on
            persons.first_ordered_at < campaign_plan.sent_at - to_days(campaign_plan.min_days_since_first_order)
            and case campaign_plan.channel
                when 'email' then persons.email_consent
                when 'sms' then persons.sms_consent
                when 'push' then persons.push_consent
            end
    where not persons.is_guest and not persons.is_account_only
)

select
    *,
    uniform('held out ' || campaign_id, person_number) < $held_out_share as is_held_out
from asked
where uniform('audience ' || campaign_id, person_number) < $audience_share
