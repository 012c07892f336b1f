with accounts as (
    select
        *,
        unnest(range(accounts)) as account_number
    from persons
    where not is_guest
),

named as (
    select
        *,
        ['Ada', 'Ben', 'Chloe', 'Dan', 'Emma', 'Finn', 'Grace', 'Hugo', 'Iris', 'Jack', 'Kate', 'Leo', 'Mia', 'Noah',
            'Olga', 'Paul', 'Rosa', 'Sam', 'Tess', 'Will'] as first_names,
        ['Abel', 'Baker', 'Costa', 'Dietz', 'Evans', 'Fischer', 'Green', 'Hall', 'Jansen', 'King', 'Lopez', 'Martin',
            'Novak', 'Olsen', 'Petit', 'Quinn', 'Roth', 'Smith', 'Turner', 'Young'] as last_names
    from accounts
)

select
    customer_id || ['', '-B', '-C'][account_number + 1] as customer_id,
    created_at + to_days(account_number::integer * 20) as created_at,
    case when account_number = 0 then email else replace(email, '@', '.' || account_number || '@') end as email,
    '+1555' || lpad(cast(floor(1e7 * uniform('phone', person_number)) as bigint)::varchar, 7, '0') as phone,
    first_names[1 + cast(floor(20 * uniform('first name', person_number)) as bigint)] as first_name,
    last_names[1 + cast(floor(20 * uniform('last name', person_number)) as bigint)] as last_name,
    -- Text, as a form leaves it. One in six tells it not.
    case when uniform('tells birth date', person_number) < 0.83 then birth_date::varchar end as birth_date,
    case when uniform('country known', person_number) < 0.98 then country_code end as country_code,
    case when uniform('channel known', person_number) < 0.96 then acquisition_channel end as acquisition_channel,
    acquisition_campaign_id,
    email_consent,
    sms_consent,
    push_consent,
    false as is_test,
    created_at + to_days(account_number::integer * 20) as updated_at,
    night_load(created_at + to_days(account_number::integer * 20)) as _loaded_at
from named
where created_at + to_days(account_number::integer * 20) < $end_at
