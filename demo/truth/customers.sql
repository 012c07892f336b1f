-- What no shop can see: how often each person buys while alive, when it left, what the programmes did.
with orders as (
    select
        person_number,
        count(*) as orders,
        count(*) filter (where is_placed_anyway) as orders_without_effects
    from placed_orders
    group by person_number
)

select
    -- Guests have an e-mail only.
    persons.customer_id,
    persons.email,
    persons.is_guest,
    persons.first_ordered_at,
    persons.purchase_rate_per_day,
    persons.drop_out_rate_per_day,
    cast(persons.drop_out_at as date) as drop_out_date,
    persons.drop_out_at < $end_at as has_dropped_out,
    enrolments.club_enrolled_at,
    enrolments.club_left_at,
    enrolments.plus_enrolled_at,
    enrolments.plus_left_at,
    coalesce(orders.orders, 0) as orders,
    coalesce(orders.orders_without_effects, 0) as orders_without_effects
from persons
left join enrolments on enrolments.person_number = persons.person_number
left join orders on orders.person_number = persons.person_number
