-- One day of a shop, made of its own last months: what a night's load brings after the history has been built.
--
-- New orders are recent ones moved to the day, under ids of their own, so who buys, what and how often is as
-- it was: first orders bring new customers and new guests, the others are placed by who placed them. Bad rows
-- among them stay bad. What happens to earlier orders is drawn among those of the last month.
--
-- Variables: a list of files per raw table; day, the first one after the history; orders; and the shares of day.py.
-- Macros: demo/macros.sql.

create temp macro the_day() as getvariable('day')::timestamp;
create temp macro the_load() as night_load(the_day());
create temp macro share_of_orders(share) as round(getvariable('orders') * share)::bigint;
-- New ids begin with N where those of the history have another letter, and are as long.
create temp macro new_id(id) as 'N' || substr(id, 2);
-- Ids of orders and customers hold the number of their person.
create temp macro may_take_part(id) as uniform('part', substr(id, 2, 7)) < getvariable('persons_share');
create temp macro is_good_order(order_id) as regexp_full_match(order_id, 'O\d+-\d{3}');
create temp macro is_first_order(order_id) as regexp_matches(order_id, '^O\d+-001');

-- ---------------------------------------------------------------- new orders

create temp table recent_orders as
select *
from read_parquet(getvariable('orders_files'))
where _loaded_at > the_day() - to_days(getvariable('template_days')) and may_take_part(order_id);

create temp table templates as
select
    order_id,
    is_first_order(order_id) as is_first,
    new_id(order_id) as new_order_id,
    case
        when uniform('late', order_id) < getvariable('late_share')
            then 2 + floor(getvariable('latest_days') * uniform('days late', order_id))::integer
        else 0
    end as days_late
from (select distinct order_id from recent_orders where trim(order_id) <> '')
order by uniform('new order', order_id)
limit getvariable('orders');

create temp table new_order_rows as
select
    templates.new_order_id,
    templates.is_first,
    orders.*,
    -- A row from the future, or one without a date, is moved by its load.
    date_diff('day', least(orders.ordered_at, orders._loaded_at), the_day()) - templates.days_late as days_moved,
    orders.ordered_at + to_days(days_moved::integer) as new_ordered_at,
    coalesce(new_ordered_at, the_day() + interval 12 hours) as new_updated_at,
    -- Staff, unknown customers and who has ordered before stay who they are.
    templates.is_first and orders.customer_id like 'C%' as is_new_customer,
    templates.is_first and (orders.customer_id is null or orders.customer_id like 'C%') as is_new_person
from recent_orders as orders
inner join templates on templates.order_id = orders.order_id;

create temp table day_orders as
select
    * exclude (
        new_order_id, is_first, days_moved, new_ordered_at, new_updated_at, is_new_customer, is_new_person
    )
    replace (
        new_order_id as order_id,
        case when is_new_customer then new_id(customer_id) else customer_id end as customer_id,
        new_ordered_at as ordered_at,
        case when is_good_order(order_id) then 0 else refunded_amount end as refunded_amount,
        case when is_good_order(order_id) then 0 else refunded_shipping_amount end as refunded_shipping_amount,
        case when is_good_order(order_id) then 0 else refunded_tax_amount end as refunded_tax_amount,
        case when is_good_order(order_id) then 'processing' else status end as status,
        case when is_new_person then 'new.' || email else email end as email,
        new_updated_at as updated_at,
        the_load() as _loaded_at
    )
from new_order_rows;

create temp table day_order_items as
select items.* replace (
    orders.new_order_id as order_id,
    orders.new_updated_at as updated_at,
    the_load() as _loaded_at
)
from read_parquet(getvariable('order_items_files')) as items
inner join (select distinct order_id, new_order_id, new_updated_at from new_order_rows) as orders
    on orders.order_id = items.order_id;

-- ---------------------------------------------------------------- customers

create temp table new_customers as
select
    customer_id,
    min(new_ordered_at) as first_ordered_at,
    min(ordered_at) as template_ordered_at
from new_order_rows
where is_new_customer
group by customer_id;

create temp table day_customers as
select customers.* replace (
    new_id(customers.customer_id) as customer_id,
    new_customers.first_ordered_at - interval 10 minutes as created_at,
    'new.' || customers.email as email,
    new_customers.first_ordered_at - interval 10 minutes as updated_at,
    the_load() as _loaded_at
)
from read_parquet(getvariable('customers_files')) as customers
inner join new_customers on new_customers.customer_id = customers.customer_id;

-- Consent given or taken back; one in ten has moved.
insert into day_customers
select * replace (
    not email_consent as email_consent,
    case
        when uniform('moved', customer_id) >= 0.1 then country_code
        when country_code = 'US' then 'CA'
        else 'US'
    end as country_code,
    the_day() + interval 10 hours as updated_at,
    the_load() as _loaded_at
)
from (
    select distinct on (customer_id) *
    from read_parquet(getvariable('customers_files'))
    where customer_id in (
        select distinct customer_id
        from read_parquet(getvariable('customers_files'))
        where regexp_full_match(customer_id, 'C\d+') and may_take_part(customer_id)
        order by uniform('changed customer', customer_id)
        limit share_of_orders(getvariable('changed_customers_share'))
    )
    order by customer_id, updated_at desc
);

create temp table day_customer_aliases as
with drawn as (
    select
        customer_id,
        row_number() over (order by uniform('merged', customer_id)) as number
    from read_parquet(getvariable('customers_files'))
    where
        regexp_full_match(customer_id, 'C\d+')
        and may_take_part(customer_id)
        and customer_id not in (
            select unnest([alias_customer_id, customer_id])
            from read_parquet(getvariable('customer_aliases_files'))
            where customer_id is not null
        )
    group by customer_id
)

select
    merged.customer_id as alias_customer_id,
    kept.customer_id,
    the_day() + interval 11 hours as updated_at,
    the_load() as _loaded_at
from drawn as merged
inner join drawn as kept on kept.number = merged.number + 1
where merged.number % 2 = 1 and merged.number < 2 * share_of_orders(getvariable('merged_accounts_share'));

-- ---------------------------------------------------------------- what happens to earlier orders

-- Orders that have nothing refunded yet, and when they were placed.
create temp table untouched_orders as
select
    orders.*,
    orders.subtotal_amount - orders.discount_amount as paid_goods_amount,
    case
        when uniform('whole return', orders.order_id) < 0.55 then 1
        else 0.2 + 0.6 * uniform('part return', orders.order_id)
    end as returned_share
from (
    select distinct on (order_id) *
    from read_parquet(getvariable('orders_files'))
    where
        _loaded_at > the_day() - interval 400 days
        and is_good_order(order_id)
        and may_take_part(order_id)
        -- Few of the older ones are needed, of any history.
        and (ordered_at >= the_day() - interval 30 days or uniform('sent back late', order_id) < 0.002)
    order by order_id, updated_at desc, _loaded_at desc
) as orders
anti join read_parquet(getvariable('refunds_files')) as refunds on refunds.order_id = orders.order_id
where
    orders.refunded_amount = 0
    and lower(orders.status) in ('processing', 'completed')
    and orders.subtotal_amount > orders.discount_amount;

-- Each order meets one fate at most.
create temp table fates as
with drawn as (
    select
        *,
        case
            when lower(status) = 'processing' then 'shipped'
            when ordered_at < the_day() - interval 30 days then 'refunded late'
            when uniform('fate', order_id) < 0.5 then 'refunded'
            else 'returned'
        end as fate
    from untouched_orders
),

numbered as (
    select
        *,
        row_number() over (partition by fate order by uniform('fated', order_id)) as number
    from drawn
)

select *
from numbered
where number <= case fate
    when 'shipped' then share_of_orders(getvariable('restated_share') * 0.6)
    when 'returned' then share_of_orders(getvariable('restated_share') * 0.4)
    when 'refunded' then share_of_orders(getvariable('refunds_share') * 0.95)
    when 'refunded late' then share_of_orders(getvariable('refunds_share') * 0.05)
end;

-- Restated: shipped, some cancelled instead; or sent back, as the order's own columns have it.
insert into day_orders
select * exclude (paid_goods_amount, returned_share, fate, number)
    replace (
        case
            when fate = 'shipped' and uniform('cancelled', order_id) < 0.05 then 'cancelled'
            when fate = 'returned' and returned_share = 1 then 'refunded'
            else 'completed'
        end as status,
        case when fate = 'returned' then money(paid_goods_amount * returned_share) else 0 end as refunded_amount,
        case when fate = 'returned' and returned_share = 1 then shipping_amount else 0 end as refunded_shipping_amount,
        case when fate = 'returned' then money(tax_amount * returned_share) else 0 end as refunded_tax_amount,
        the_day() + interval 14 hours as updated_at,
        the_load() as _loaded_at
    )
from fates
where fate in ('shipped', 'returned');

create temp table day_refunds as
select
    'R-' || order_id || '-1' as refund_id,
    order_id,
    the_day() + to_seconds(floor(86399 * uniform('refund moment', order_id))::bigint) as refunded_at,
    money(paid_goods_amount * returned_share) as refund_amount,
    case when returned_share = 1 then shipping_amount else 0 end::decimal(18, 4) as refunded_shipping_amount,
    money(tax_amount * returned_share) as refunded_tax_amount,
    'changed my mind' as reason,
    refunded_at as updated_at,
    the_load() as _loaded_at
from fates
where fate in ('refunded', 'refunded late');

-- ---------------------------------------------------------------- the ledger

create temp table recent_entries as
select *
from read_parquet(getvariable('loyalty_transactions_files'))
where _loaded_at > the_day() - to_days(getvariable('template_days')) and may_take_part(customer_id);

create temp table day_loyalty_transactions as
with moved_entries as (
    -- What a new order earned and what was spent on it; what a new member got for joining with it.
    select
        entries.*,
        orders.new_order_id,
        orders.is_new_customer,
        orders.days_moved
    from recent_entries as entries
    inner join (
        select distinct on (order_id) order_id, new_order_id, is_new_customer, days_moved
        from new_order_rows
        order by order_id, days_moved
    ) as orders on orders.order_id = entries.order_id
    where entries.transaction_type in ('earn', 'redeem')
    union all by name
    select
        entries.*,
        true as is_new_customer,
        date_diff('day', new_customers.template_ordered_at, new_customers.first_ordered_at) as days_moved
    from recent_entries as entries
    inner join new_customers
        on
            new_customers.customer_id = entries.customer_id
            and new_customers.template_ordered_at::date = entries.occurred_at::date
    where entries.order_id is null
    union all by name
    -- Birthdays, reviews, products from the rewards shop, points that lapse: as many as on other days.
    select
        entries.*,
        false as is_new_customer,
        date_diff('day', entries.occurred_at, the_day()) as days_moved
    from (
        select *
        from recent_entries
        where order_id is null and activity not in ('sign_up', 'referral')
        order by uniform('other entry', loyalty_transaction_id)
        limit share_of_orders(
            (select count(*) from recent_entries where order_id is null and activity not in ('sign_up', 'referral'))
            / (select count(distinct order_id) from recent_orders)
        )
    ) as entries
)

select * exclude (new_order_id, is_new_customer, days_moved)
    replace (
        'N' || loyalty_transaction_id as loyalty_transaction_id,
        case when is_new_customer and customer_id like 'C%' then new_id(customer_id) else customer_id end as customer_id,
        new_order_id as order_id,
        occurred_at + to_days(days_moved::integer) as occurred_at,
        available_at + to_days(days_moved::integer) as available_at,
        expires_at + to_days(days_moved::integer) as expires_at,
        occurred_at + to_days(days_moved::integer) as updated_at,
        the_load() as _loaded_at
    )
from moved_entries;

-- Points for goods that came back are taken back.
insert into day_loyalty_transactions
select entries.* replace (
    'NX-' || entries.order_id as loyalty_transaction_id,
    'cancel_earn' as transaction_type,
    ceil(entries.points * fates.returned_share)::decimal(18, 4) as points,
    the_day() + interval 15 hours as occurred_at,
    the_day() + interval 15 hours as available_at,
    null as expires_at,
    the_day() + interval 15 hours as updated_at,
    the_load() as _loaded_at
)
from (
    select distinct on (loyalty_transaction_id) *
    from read_parquet(getvariable('loyalty_transactions_files'))
    where
        _loaded_at > the_day() - interval 400 days
        and transaction_type = 'earn'
        and order_id in (select order_id from fates where fate <> 'shipped')
    order by loyalty_transaction_id, updated_at desc
) as entries
inner join fates on fates.order_id = entries.order_id;

-- ---------------------------------------------------------------- rates

create temp table day_exchange_rates as
select * replace (
    the_day()::date as rate_date,
    round(rate_to_reporting * 1.001, 4) as rate_to_reporting,
    the_day() + interval 16 hours as updated_at,
    the_load() as _loaded_at
)
from (
    select *
    from read_parquet(getvariable('exchange_rates_files'))
    where currency = 'EUR' and rate_to_reporting > 0
    order by rate_date desc, updated_at desc
    limit 1
);
