{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_lift_customers'}}
) }}

-- Pairs of intervals of a customer: the last complete one before something and the first complete one after it.
-- For a member that is the enrolment, for the others an order day at which they did not enrol. Whoever orders after
-- both was a customer in both, and whoever buys often has two short ones: neither drop-out nor the habit of heavy
-- buyers to join makes one of the two differ from the other.
-- What moves with the orders of everybody is not here, nor what is so only by as_of: enrolments after it are after
-- every pair.

with order_days as (
    select * from {{ ref('int_lift_order_days') }}
),

enrolments as (
    select
        program_id,
        customer_id,
        enrolled_date
    from {{ ref('int_membership_spells') }}
    where
        spell_number = 1
        and {{ is_touched('customer_id', ref('int_batch_lift_customers')) }}
),

programs as (
    select program_id from {{ ref('int_lift_programs') }}
),

-- Who enrols on the pair's last day or later is none of the programme's members in it.
placed as (
    select
        programs.program_id,
        order_days.*,
        case
            when enrolments.enrolled_date < order_days.third_order_date then enrolments.enrolled_date
        end as enrolled_date
    from order_days
    cross join programs
    left join enrolments
        on
            order_days.customer_id = enrolments.customer_id
            and programs.program_id = enrolments.program_id
),

-- Who enrols between two order days has an interval that is of both times, and in neither.
pairs as (
    select
        *,
        enrolled_date is not null as is_member,
        case when enrolled_date > second_order_date then third_order_date else second_order_date end as after_from_date,
        case when enrolled_date > second_order_date then fourth_order_date else third_order_date end as after_to_date,
        case when enrolled_date > second_order_date then fourth_net_sales else third_net_sales end as net_sales_after
    from placed
    where coalesce(enrolled_date >= second_order_date, true)
),

measured as (
    select
        *,
        {{ days_between('order_date', 'second_order_date') }} as days_before,
        {{ days_between('after_from_date', 'after_to_date') }} as days_after,
        {{ days_between('first_order_date', 'after_to_date') }} as age_days
    from pairs
    where after_to_date is not null
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
        measured.first_sales_channel,
        measured.earlier_order_days,
        cast(measured.earlier_net_sales as double) as earlier_net_sales,
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
    where other_enrolments.customer_id is null
)

select * from undisturbed
