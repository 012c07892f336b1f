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

complete as (
    select * from pairs
    where after_to_date is not null
),

undisturbed as (
    select complete.*
    from complete
    -- What another programme began in the midst of a pair cannot be told from this one's effect.
    left join enrolments as other_enrolments
        on
            complete.customer_id = other_enrolments.customer_id
            and complete.program_id <> other_enrolments.program_id
            and complete.order_date < other_enrolments.enrolled_date
            and complete.after_to_date > other_enrolments.enrolled_date
    where other_enrolments.customer_id is null
),

measured as (
    select
        undisturbed.program_id,
        undisturbed.customer_id,
        undisturbed.order_date as opening_date,
        undisturbed.is_member,
        dates.month_start,
        undisturbed.earlier_order_days,
        undisturbed.earlier_net_sales,
        undisturbed.net_sales as net_sales_before,
        undisturbed.net_sales_after,
        coalesce(customers.first_sales_channel, 'unknown') as first_sales_channel,
        {{ days_between('customers.first_order_date', 'undisturbed.order_date') }} as tenure_days,
        {{ days_between('customers.first_order_date', 'undisturbed.after_to_date') }} as age_days,
        {{ days_between('undisturbed.order_date', 'undisturbed.second_order_date') }} as days_before,
        {{ days_between('undisturbed.after_from_date', 'undisturbed.after_to_date') }} as days_after
    from undisturbed
    inner join {{ ref('dim_customers') }} as customers
        on undisturbed.customer_id = customers.customer_id
    inner join {{ ref('dim_dates') }} as dates
        on undisturbed.order_date = dates.date_day
),

-- The classes say how the customer had bought until the first interval begins. Nothing of the intervals that will be
-- compared is in them: matched on these, members and others would fall back to different means afterwards.
classified as (
    select
        program_id,
        customer_id,
        opening_date,
        is_member,
        month_start,
        case
            when earlier_order_days <= 1 then cast(earlier_order_days as {{ dbt.type_string() }})
            when earlier_order_days <= 3 then '2-3'
            else '4+'
        end as frequency_class,
        case
            when earlier_order_days = 0 then '0'
            when tenure_days <= 90 then '1-90'
            when tenure_days <= 365 then '91-365'
            else '366+'
        end as tenure_class,
        first_sales_channel,
        earlier_order_days,
        earlier_net_sales,
        cast(days_before as bigint) as days_before,
        cast(days_after as bigint) as days_after,
        cast(age_days as bigint) as age_days,
        {{ interval_change('days_before', 'days_after') }} as interval_change,
        net_sales_before,
        net_sales_after
    from measured
)

select * from classified
