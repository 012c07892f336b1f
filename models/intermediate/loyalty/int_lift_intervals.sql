-- Pairs of intervals of a customer: the last complete one before something and the first complete one after it.
-- For a member that is the enrolment, for the others an order day at which they did not enrol. Whoever orders after
-- both was a customer in both, and whoever buys often has two short ones: neither drop-out nor the habit of heavy
-- buyers to join makes one of the two differ from the other.

with usual_day as (
    select {{ average_order_value('sum(order_days.net_sales)', 'count(*)') }} as net_sales
    from {{ ref('int_customer_order_days') }} as order_days
    cross join {{ ref('int_as_of') }} as as_of
    where order_days.order_date <= as_of.as_of_date
),

order_days as (
    select
        order_days.*,
        case
            when order_days.earlier_order_days = 0 then 'none'
            when order_days.earlier_net_sales >= order_days.earlier_order_days * usual_day.net_sales then 'above'
            else 'below'
        end as money_class
    from {{ ref('int_lift_order_days') }} as order_days
    cross join usual_day
    cross join {{ ref('int_as_of') }} as as_of
    where
        {{ days_between('order_days.order_date', 'order_days.second_order_date') }} <= {{ var('lift_window_days') }}
        -- Of pairs that begin late only the quick ones are complete.
        and {{ add_days('order_days.order_date', var('lift_window_days')) }} <= as_of.as_of_date
),

enrolments as (
    select
        spells.program_id,
        spells.customer_id,
        spells.enrolled_date
    from {{ ref('int_membership_spells') }} as spells
    cross join {{ ref('int_as_of') }} as as_of
    where
        spells.spell_number = 1
        and spells.enrolled_date <= as_of.as_of_date
),

programs as (
    select distinct program_id
    from enrolments
),

pairs_of_members as (
    select
        enrolments.program_id,
        order_days.*,
        true as is_member,
        -- Who enrols between two order days has an interval that is of both times, and in neither.
        case
            when order_days.second_order_date = enrolments.enrolled_date then order_days.second_order_date
            else order_days.third_order_date
        end as after_from_date,
        case
            when order_days.second_order_date = enrolments.enrolled_date then order_days.third_order_date
            else order_days.fourth_order_date
        end as after_to_date,
        case
            when order_days.second_order_date = enrolments.enrolled_date then order_days.third_net_sales
            else order_days.fourth_net_sales
        end as net_sales_after
    from order_days
    inner join enrolments
        on
            order_days.customer_id = enrolments.customer_id
            and order_days.second_order_date <= enrolments.enrolled_date
            and order_days.third_order_date > enrolments.enrolled_date
),

pairs_of_others as (
    select
        programs.program_id,
        order_days.*,
        false as is_member,
        order_days.second_order_date as after_from_date,
        order_days.third_order_date as after_to_date,
        order_days.third_net_sales as net_sales_after
    from order_days
    cross join programs
    left join enrolments
        on
            order_days.customer_id = enrolments.customer_id
            and programs.program_id = enrolments.program_id
            and order_days.third_order_date > enrolments.enrolled_date
    where enrolments.customer_id is null
),

pairs as (
    select * from pairs_of_members
    where after_to_date is not null
    union all
    select * from pairs_of_others
),

measured as (
    select
        *,
        {{ days_between('order_date', 'second_order_date') }} as days_before,
        {{ days_between('after_from_date', 'after_to_date') }} as days_after,
        {{ days_between('first_order_date', 'after_to_date') }} as age_days
    from pairs
),

undisturbed as (
    select
        measured.program_id,
        measured.customer_id,
        measured.order_date as opening_date,
        measured.is_member,
        measured.month_start,
        measured.frequency_class,
        measured.tenure_class,
        measured.money_class,
        measured.first_sales_channel,
        cast(measured.days_before as bigint) as days_before,
        cast(measured.days_after as bigint) as days_after,
        cast(measured.age_days as bigint) as age_days,
        {{ interval_change('measured.days_before', 'measured.days_after') }} as interval_change,
        cast(measured.net_sales as double) as net_sales_before,
        cast(measured.net_sales_after as double) as net_sales_after
    from measured
    -- What another programme began in the midst of a pair cannot be told from this one's effect.
    left join enrolments as other_enrolments
        on
            measured.customer_id = other_enrolments.customer_id
            and measured.program_id <> other_enrolments.program_id
            and measured.order_date < other_enrolments.enrolled_date
            and measured.after_to_date > other_enrolments.enrolled_date
    where
        other_enrolments.customer_id is null
        and measured.days_after <= {{ var('lift_window_days') }}
)

select * from undisturbed
