-- One row per person of the chunk: who it is, how often it buys and when it silently leaves.
-- Persons are numbered by the time they arrive, so ids grow with time.
with arrivals as (
    select
        person_number,
        (person_number + uniform('arrival', person_number)) / $customers as arrival
    from range($first_person, $last_person) as numbers (person_number)
),

country_shares as (
    select
        *,
        coalesce(sum(weight) over (order by country_code rows between unbounded preceding and 1 preceding), 0)
        / sum(weight) over () as share_from
    from countries_list
),

channel_shares as (
    select
        *,
        coalesce(sum(weight) over (order by acquisition_channel rows between unbounded preceding and 1 preceding), 0)
        / sum(weight) over () as share_from
    from channels_list
),

drawn as (
    select
        arrivals.person_number,
        -- The share of the day's arrivals that came before is the share of the day that has passed.
        calendar.day + to_microseconds(cast(
            86399000000 * (arrivals.arrival - calendar.arrivals_before) / calendar.arrival_share as bigint
        )) as first_moment,
        is_guest_person(arrivals.person_number, $guest_person_share) as is_guest,
        uniform('country', arrivals.person_number) as country_draw,
        uniform('channel', arrivals.person_number) as channel_draw
    from arrivals
    asof inner join (from calendar where is_open) as calendar on arrivals.arrival >= calendar.arrivals_before
),

placed as (
    select
        drawn.*,
        country_shares.country_code,
        country_shares.currency,
        country_shares.tax_rate,
        country_shares.rate_factor as country_rate_factor,
        country_shares.drop_out_factor as country_drop_out_factor
    from drawn
    asof inner join country_shares on drawn.country_draw >= country_shares.share_from
),

described as (
    select
        placed.*,
        channel_shares.acquisition_channel,
        gamma_draw('purchase rate', $purchase_rate_shape, placed.person_number) / $purchase_rate_shape
        * placed.country_rate_factor * channel_shares.rate_factor as relative_purchase_rate,
        gamma_draw('drop-out rate', $drop_out_shape, placed.person_number) / $drop_out_scale_days
        * placed.country_drop_out_factor * channel_shares.drop_out_factor
        * case when placed.is_guest then $guest_drop_out_factor else 1 end as drop_out_rate_per_day
    from placed
    asof inner join channel_shares on placed.channel_draw >= channel_shares.share_from
)

select
    person_number,
    case when not is_guest then customer_id_of(person_number) end as customer_id,
    is_guest,
    not is_guest and uniform('account only', person_number) < $account_only_share as is_account_only,
    -- A few persons made a second account that was merged later, some of them a third.
    case
        when is_guest then 0
        when person_number % 900 = 11 then 3
        when person_number % 300 = 11 then 2
        else 1
    end as accounts,
    first_moment,
    by_daylight(first_moment) as first_ordered_at,
    by_daylight(first_moment) - to_seconds(120 + floor(3000 * uniform('sign-up', person_number))::bigint) as created_at,
    country_code,
    currency,
    tax_rate,
    acquisition_channel,
    case
        when acquisition_channel in ('ppc', 'social')
            then 'NEW_' || upper(acquisition_channel) || '_' || year(first_moment)
    end as acquisition_campaign_id,
    case
        when is_guest then 'guest' || person_number || '@example.org'
        -- Two accounts share a mailbox now and then.
        when person_number % 400 = 21 then 'family' || person_number || '@example.com'
        when person_number % 400 = 22 then 'family' || (person_number - 1) || '@example.com'
        else 'customer' || person_number || '@example.com'
    end as email,
    uniform('email consent', person_number) < 0.72 as email_consent,
    uniform('sms consent', person_number) < 0.35 as sms_consent,
    uniform('push consent', person_number) < 0.40 as push_consent,
    date '1948-01-01' + cast(floor(21000 * uniform('birth', person_number)) as integer) as birth_date,
    relative_purchase_rate,
    relative_purchase_rate / $mean_days_between_orders as purchase_rate_per_day,
    drop_out_rate_per_day,
    -- At most a hundred years: timestamps end.
    first_moment + to_microseconds(cast(
        86400000000 * least(36500, exponential('lifetime', person_number) / drop_out_rate_per_day) as bigint
    )) as drop_out_at,
    -- How many extra lines this person's orders have on average.
    $mean_extra_lines * gamma_draw('basket', 2, person_number) / 2 as mean_extra_lines
from described
