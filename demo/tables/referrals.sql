-- Who came through a friend: the friend is any account of somebody who arrived earlier.
with friends as (
    select
        persons.*,
        cast(floor(persons.person_number * uniform('friend', persons.person_number)) as bigint) as friend_number
    from persons
    where persons.acquisition_channel = 'referral' and not persons.is_guest and persons.person_number > 0
)

select
    'F-' || customer_id as referral_id,
    customer_id_of(friend_number) as referrer_customer_id,
    customer_id as referred_customer_id,
    created_at as referred_at,
    created_at as updated_at,
    night_load(created_at) as _loaded_at
from friends
where not is_guest_person(friend_number, $guest_person_share)
