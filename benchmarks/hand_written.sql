-- The core marts in one DuckDB script, as fast as we know how to write them by hand: the yardstick of
-- `make bench`. It gives up what the project offers beside its figures: raw data is Parquet with every
-- column typed and clean (no trimming, parsing or defaults), vars have their defaults, nothing is tested.
--
-- The runner (hand_written.py) sets the variables: the files of each raw table and the seed's file.
-- What was measured, and lost, is told in README.md.

create schema marts;
create schema quarantine;

-- ---------------------------------------------------------------- raw rows that are good
-- A row of a file is known by one number, so that later steps join and exclude rows by an integer.

create temp table order_statuses as
select
    status,
    is_counted,
    is_cancelled
from read_csv(getvariable('order_statuses'), header = true);

create temp table judged_exchange_rates as
select
    *,
    is_good and row_number() over (
        partition by rate_date, currency, is_good
        order by updated_at desc, _loaded_at desc
    ) = 1 as is_standing
from (
    select
        *,
        coalesce(rate_date is not null and currency is not null and rate_to_reporting > 0, false) as is_good
    from read_parquet(getvariable('exchange_rates'))
);

-- A rate for each day that an order may have, so that orders find theirs by equality.
create temp table daily_rates as
with rates as (
    select
        currency,
        rate_date,
        cast(cast(rate_to_reporting as decimal(19, 12)) as double) as exchange_rate,
        coalesce(
            lead(rate_date) over (partition by currency order by rate_date) - 1,
            greatest(
                rate_date,
                (select cast(max(ordered_at) as date) from read_parquet(getvariable('orders')))
            )
        ) as last_date
    from judged_exchange_rates
    where is_standing and currency <> 'USD'
)

select
    currency,
    exchange_rate,
    cast(unnest(generate_series(rate_date, last_date, interval 1 day)) as date) as order_date
from rates;

-- Money is rounded half up, exactly. Dividing 128-bit integers for it takes DuckDB a microsecond each, so
-- that products of doubles are taken wherever their error cannot change the rounding.
create temp macro rounds_safely(product) as
abs(product) < 1e5 and abs(product * 1e4 - floor(product * 1e4) - 0.5) > 1e-6;

create temp macro converted(amount, exchange_rate) as
case
    when exchange_rate is null or amount = 0 then amount
    when rounds_safely(amount::double * exchange_rate)
        then cast(amount::double * exchange_rate as decimal(18, 4))
    else cast(amount * cast(exchange_rate as decimal(19, 12)) as decimal(18, 4))
end;

create temp macro product_of_small(quantity, unit_amount) as
cast(quantity as decimal(9, 4)) * cast(unit_amount as decimal(9, 4));

create temp macro converted_product(quantity, unit_amount, exchange_rate) as
case
    when quantity >= 100000 or unit_amount >= 100000
        then cast(quantity * unit_amount * cast(coalesce(exchange_rate, 1) as decimal(19, 12)) as decimal(18, 4))
    when exchange_rate is null
        then cast(product_of_small(quantity, unit_amount) as decimal(18, 4))
    when rounds_safely(product_of_small(quantity, unit_amount)::double * exchange_rate)
        then cast(product_of_small(quantity, unit_amount)::double * exchange_rate as decimal(18, 4))
    else cast(quantity * unit_amount * cast(exchange_rate as decimal(19, 12)) as decimal(18, 4))
end;

create temp table judged_refunds as
select
    *,
    coalesce(
        refund_id is not null
        and order_id is not null
        and refunded_at is not null
        and refund_amount >= 0
        and refunded_shipping_amount >= 0
        and refunded_tax_amount >= 0,
        false
    ) as is_good
from read_parquet(getvariable('refunds'));

-- Orders whose own refunded columns are ignored.
create temp table orders_with_refunds as
select distinct order_id
from judged_refunds
where is_good;

create temp view raw_orders as
select
    orders.* exclude (status),
    lower(orders.status) as status,
    order_statuses.is_counted as is_counted_status,
    order_statuses.is_cancelled,
    daily_rates.exchange_rate,
    orders_with_refunds.order_id is not null as has_refunds,
    cast(orders.file_index as bigint) * 4294967296 + orders.file_row_number as row_id,
    coalesce(
        trim(orders.order_id) <> ''
        and orders.ordered_at <= orders._loaded_at + interval 1 day
        and order_statuses.status is not null
        and (orders.currency = 'USD' or daily_rates.exchange_rate is not null)
        and orders.subtotal_amount >= 0
        and orders.discount_amount between 0 and orders.subtotal_amount
        and orders.refunded_amount >= 0
        and (
            orders.refunded_amount <= orders.subtotal_amount - orders.discount_amount
            or orders_with_refunds.order_id is not null
        )
        and orders.loyalty_discount_amount >= 0
        and orders.shipping_amount >= 0
        and orders.refunded_shipping_amount >= 0
        and orders.tax_amount >= 0
        and orders.refunded_tax_amount >= 0
        and coalesce(orders.cost_amount, 0) >= 0,
        false
    ) as is_good
from read_parquet(getvariable('orders')) as orders
left join order_statuses
    on lower(orders.status) = order_statuses.status
left join daily_rates
    on
        orders.currency = daily_rates.currency
        and cast(orders.ordered_at as date) = daily_rates.order_date
left join orders_with_refunds
    on orders.order_id = orders_with_refunds.order_id;

create temp view raw_order_items as
select
    *,
    cast(file_index as bigint) * 4294967296 + file_row_number as row_id,
    coalesce(
        order_id is not null
        and line_number is not null
        and product_id is not null
        and quantity > 0
        and unit_price >= 0
        -- A case compares the few lines with a discount, where `or` would multiply all.
        and case
            when discount_amount > 0 then discount_amount <= quantity * unit_price
            else discount_amount = 0
        end
        and coalesce(unit_cost, 0) >= 0,
        false
    ) as is_good
from read_parquet(getvariable('order_items'));

create temp view raw_customers as
select
    *,
    cast(file_index as bigint) * 4294967296 + file_row_number as row_id,
    customer_id is not null and (birth_date is null or try_cast(birth_date as timestamp) is not null) as is_good
from read_parquet(getvariable('customers'));

create temp view raw_loyalty_programs as
select
    *,
    coalesce(
        program_id is not null
        and program_type in (
            'points', 'discount', 'tiered', 'coalition', 'experiential', 'cashback', 'subscription', 'referral'
        ),
        false
    ) as is_good
from read_parquet(getvariable('loyalty_programs'));

create temp table declared_programs as
select * exclude (version_number)
from (
    select
        *,
        row_number() over (partition by program_id order by updated_at desc, _loaded_at desc) as version_number
    from raw_loyalty_programs
    where is_good
)
where version_number = 1;

create temp view raw_loyalty_transactions as
select
    *,
    cast(file_index as bigint) * 4294967296 + file_row_number as row_id,
    coalesce(
        loyalty_transaction_id is not null
        and customer_id is not null
        and occurred_at is not null
        and points is not null
        and transaction_type in ('earn', 'redeem', 'expire', 'cancel_earn', 'restore', 'adjust')
        and (expires_at is null or expires_at >= occurred_at)
        and (reward_cost is null or reward_cost >= 0)
        and (
            points > 0
            or transaction_type = 'adjust'
            or (
                points = 0
                and transaction_type = 'redeem'
                and (
                    coalesce(reward_type, '') = 'experiential'
                    or program_id in (select program_id from declared_programs where program_type = 'experiential')
                )
            )
        ),
        false
    ) as is_good
from read_parquet(getvariable('loyalty_transactions'));

-- ---------------------------------------------------------------- versions and suspects
-- A hash finds the few ids that may occur twice; only their rows are compared and sorted.

-- What decides an order's version, customer and number, without what is only carried along.
create temp table judged_orders as
select
    row_id,
    order_id,
    customer_id,
    case when customer_id is null then lower(email) end as guest_email,
    is_counted_status,
    is_test,
    is_cancelled,
    has_refunds,
    cost_amount is null as lacks_cost,
    subtotal_amount - discount_amount as paid_goods_amount,
    exchange_rate,
    ordered_at,
    updated_at,
    _loaded_at,
    is_good
from raw_orders;

create temp table superseded_orders as
with repeated as (
    select hash(order_id) as id_hash
    from judged_orders
    where is_good
    group by id_hash
    having count(*) > 1
),

numbered as (
    select
        row_id,
        row_number() over (partition by order_id order by updated_at desc, _loaded_at desc) as version_number
    from judged_orders
    where is_good and hash(order_id) in (select id_hash from repeated)
)

select row_id
from numbered
where version_number > 1;

-- Of the other tables one pass finds rows that are bad or may be one of several versions.
create temp table suspect_customers as
with repeated as (
    select hash(customer_id) as id_hash
    from raw_customers
    group by id_hash
    having count(*) > 1
)

select *
from raw_customers
where not is_good or hash(customer_id) in (select id_hash from repeated);

create temp table superseded_customers as
with numbered as (
    select
        row_id,
        row_number() over (partition by customer_id order by updated_at desc, _loaded_at desc) as version_number
    from suspect_customers
    where is_good
)

select row_id
from numbered
where version_number > 1;

create temp table suspect_loyalty_transactions as
with repeated as (
    select hash(loyalty_transaction_id) as id_hash
    from raw_loyalty_transactions
    group by id_hash
    having count(*) > 1
)

select *
from raw_loyalty_transactions
where not is_good or hash(loyalty_transaction_id) in (select id_hash from repeated);

create temp table superseded_loyalty_transactions as
with numbered as (
    select
        row_id,
        row_number() over (
            partition by loyalty_transaction_id
            order by updated_at desc, _loaded_at desc
        ) as version_number
    from suspect_loyalty_transactions
    where is_good
)

select row_id
from numbered
where version_number > 1;

create temp table accounts as
select
    customer_id,
    email,
    country_code,
    acquisition_channel,
    acquisition_campaign_id,
    email_consent,
    sms_consent,
    push_consent,
    is_test,
    created_at
from raw_customers
where is_good and row_id not in (select row_id from superseded_customers);

create temp table test_customers as
select customer_id
from accounts
where is_test;

create temp table superseded_order_items as
with repeated as (
    select hash(order_id, line_number) as key_hash
    from raw_order_items
    group by key_hash
    having count(*) > 1
),

numbered as (
    select
        row_id,
        order_id,
        row_number() over (
            partition by order_id, line_number
            order by updated_at desc, _loaded_at desc
        ) as version_number
    from raw_order_items
    where hash(order_id, line_number) in (select key_hash from repeated) and is_good
)

select
    row_id,
    order_id
from numbered
where version_number > 1;

-- ---------------------------------------------------------------- identity

create temp table judged_aliases as
select
    *,
    is_good and row_number() over (
        partition by alias_customer_id, is_good
        order by updated_at desc, _loaded_at desc
    ) = 1 as is_standing
from (
    select
        *,
        alias_customer_id is not null and customer_id is not null as is_good
    from read_parquet(getvariable('customer_aliases'))
);

-- Where each chain ends; one that runs into a cycle never does.
create temp table aliases as
with recursive standing as (
    select
        alias_customer_id,
        customer_id
    from judged_aliases
    where is_standing
),

chains as (
    from standing
    union
    select
        chains.alias_customer_id,
        standing.customer_id
    from chains
    inner join standing
        on chains.customer_id = standing.alias_customer_id
)

select
    alias_customer_id,
    customer_id,
    alias_customer_id in (select customer_id from test_customers)
    or customer_id in (select customer_id from test_customers) as is_test
from chains
where customer_id not in (select alias_customer_id from standing);

-- The e-mail addresses that guests left, each once: one account's, or a guest's identity.
create temp table guest_emails as
with emails as (
    select distinct guest_email as email
    from judged_orders
    where is_good and guest_email is not null
),

holders as (
    select
        lower(email) as email,
        min(customer_id) as customer_id
    from accounts
    where lower(email) in (select email from emails)
    group by 1
    having count(*) = 1
)

select
    emails.email,
    coalesce(
        aliases.customer_id,
        holders.customer_id,
        'guest:' || left(sha256(getvariable('hash_key') || ':' || emails.email), 32)
    ) as customer_id,
    coalesce(aliases.is_test, holders.customer_id in (select customer_id from test_customers), false) as is_test
from emails
left join holders
    on emails.email = holders.email
left join aliases
    on holders.customer_id = aliases.alias_customer_id;

create temp table standing_orders as
with resolved as (
    select
        judged_orders.* replace (
            coalesce(aliases.customer_id, judged_orders.customer_id, guest_emails.customer_id) as customer_id,
            judged_orders.is_test
            or coalesce(aliases.is_test, guest_emails.is_test, test_customers.customer_id is not null) as is_test
        )
    from judged_orders
    left join aliases
        on judged_orders.customer_id = aliases.alias_customer_id
    left join guest_emails
        on judged_orders.guest_email = guest_emails.email
    left join test_customers
        on judged_orders.customer_id = test_customers.customer_id
    where judged_orders.is_good and judged_orders.row_id not in (select row_id from superseded_orders)
)

select
    row_id,
    order_id,
    customer_id,
    is_counted_status and not is_test as is_counted,
    is_test,
    is_cancelled,
    has_refunds,
    lacks_cost,
    paid_goods_amount,
    exchange_rate,
    ordered_at
from resolved;

create temp table bad_orders as
select
    row_id,
    is_counted_status,
    is_cancelled,
    has_refunds,
    exchange_rate
from judged_orders
where not is_good;

drop table judged_orders;

-- ---------------------------------------------------------------- refunds

create temp table known_refunds as
with versions as (
    select
        refunds.*,
        orders.row_id as order_row_id,
        orders.customer_id,
        orders.is_counted,
        orders.paid_goods_amount,
        orders.exchange_rate,
        cast(orders.ordered_at as date) as order_date,
        refunds.is_good and orders.row_id is not null and row_number() over (
            partition by refunds.refund_id, refunds.is_good, orders.row_id is not null
            order by refunds.updated_at desc, refunds._loaded_at desc
        ) = 1 as is_standing
    from judged_refunds as refunds
    left join standing_orders as orders
        on refunds.order_id = orders.order_id
)

select
    *,
    is_standing and sum(refund_amount) over (
        partition by order_id, is_standing
        order by refunded_at, refund_id
    ) > paid_goods_amount as exceeds_order
from versions;

create table marts.fct_refunds as
select
    refund_id,
    order_id,
    customer_id,
    reason,
    converted(refund_amount, exchange_rate) as refund_amount,
    converted(refunded_shipping_amount, exchange_rate) as refunded_shipping_amount,
    converted(refunded_tax_amount, exchange_rate) as refunded_tax_amount,
    refund_amount as original_refund_amount,
    refunded_shipping_amount as original_refunded_shipping_amount,
    refunded_tax_amount as original_refunded_tax_amount,
    is_counted,
    cast(refunded_at as date) as refund_date,
    greatest(cast(refunded_at as date), order_date) as posted_date,
    order_date,
    refunded_at,
    updated_at,
    _loaded_at
from known_refunds
where is_standing and not exceeds_order;

create temp table order_refunds as
with sums as (
    select
        order_row_id,
        sum(converted(refund_amount, exchange_rate)) as returns,
        sum(converted(refunded_shipping_amount, exchange_rate)) as refunded_shipping,
        sum(converted(refunded_tax_amount, exchange_rate)) as refunded_tax,
        sum(refund_amount) as original_returns,
        sum(refunded_shipping_amount) as original_refunded_shipping,
        sum(refunded_tax_amount) as original_refunded_tax
    from known_refunds
    where is_standing and not exceeds_order
    group by order_row_id
)

select
    orders.row_id,
    cast(coalesce(sums.returns, 0) as decimal(18, 4)) as returns,
    cast(coalesce(sums.refunded_shipping, 0) as decimal(18, 4)) as refunded_shipping,
    cast(coalesce(sums.refunded_tax, 0) as decimal(18, 4)) as refunded_tax,
    cast(coalesce(sums.original_returns, 0) as decimal(18, 4)) as original_returns,
    cast(coalesce(sums.original_refunded_shipping, 0) as decimal(18, 4)) as original_refunded_shipping,
    cast(coalesce(sums.original_refunded_tax, 0) as decimal(18, 4)) as original_refunded_tax
from standing_orders as orders
left join sums
    on orders.row_id = sums.order_row_id
where orders.has_refunds;

-- ---------------------------------------------------------------- order items

create table marts.fct_order_items as
with measured as (
    select
        items.order_id,
        items.line_number,
        orders.customer_id,
        items.product_id,
        items.product_category,
        items.quantity,
        converted_product(items.quantity, items.unit_price, orders.exchange_rate) as gross_sales,
        converted(items.discount_amount, orders.exchange_rate) as discounts,
        converted_product(items.quantity, items.unit_cost, orders.exchange_rate) as cost,
        orders.is_counted,
        cast(orders.ordered_at as date) as order_date,
        items.updated_at,
        items._loaded_at
    from raw_order_items as items
    inner join standing_orders as orders
        on items.order_id = orders.order_id
    where items.is_good and items.row_id not in (select row_id from superseded_order_items)
)

select
    order_id,
    customer_id,
    product_id,
    product_category,
    line_number,
    quantity,
    gross_sales,
    discounts,
    cast(gross_sales - discounts as decimal(18, 4)) as net_sales,
    cost,
    cast(gross_sales - discounts - cost as decimal(18, 4)) as gross_margin,
    is_counted,
    order_date,
    updated_at,
    _loaded_at
from measured;

-- Costs of the few orders that do not tell their own.
create temp table order_item_costs as
select
    orders.row_id,
    cast(sum(items.cost) as decimal(18, 4)) as cost
from marts.fct_order_items as items
inner join standing_orders as orders
    on items.order_id = orders.order_id
where orders.lacks_cost
group by orders.row_id
having count(*) = count(items.cost);

-- ---------------------------------------------------------------- orders
-- The window sees narrow rows; the wide ones are read again from the file and joined by number.

create temp table numbered_orders as
select
    row_id,
    customer_id,
    is_counted,
    is_test,
    is_cancelled,
    exchange_rate,
    row_number() over customer_orders as order_number,
    lag(ordered_at) over customer_orders as previous_order_at,
    cast(first_value(ordered_at) over customer_orders as date) as customer_first_order_date
from standing_orders
where is_counted and customer_id is not null
window customer_orders as (
    partition by customer_id
    order by ordered_at, order_id
)
union all by name
select
    row_id,
    customer_id,
    is_counted,
    is_test,
    is_cancelled,
    exchange_rate
from standing_orders
where not is_counted or customer_id is null;

create table marts.fct_orders as
with converted_orders as (
    select
        raw_orders.order_id,
        numbered_orders.customer_id,
        raw_orders.customer_id as source_customer_id,
        raw_orders.campaign_id,
        raw_orders.loyalty_program_id,
        lower(raw_orders.status) as status,
        raw_orders.sales_channel,
        raw_orders.discount_code,
        raw_orders.currency,
        coalesce(numbered_orders.exchange_rate, 1) as exchange_rate,
        raw_orders.subtotal_amount as original_gross_sales,
        raw_orders.discount_amount as original_discounts,
        coalesce(order_refunds.original_returns, raw_orders.refunded_amount) as original_returns,
        cast(
            raw_orders.subtotal_amount
            - raw_orders.discount_amount
            - coalesce(order_refunds.original_returns, raw_orders.refunded_amount)
            + raw_orders.shipping_amount
            - coalesce(order_refunds.original_refunded_shipping, raw_orders.refunded_shipping_amount)
            + raw_orders.tax_amount
            - coalesce(order_refunds.original_refunded_tax, raw_orders.refunded_tax_amount)
            as decimal(18, 4)
        ) as original_total_sales,
        converted(raw_orders.subtotal_amount, numbered_orders.exchange_rate) as gross_sales,
        converted(raw_orders.discount_amount, numbered_orders.exchange_rate) as discounts,
        converted(raw_orders.loyalty_discount_amount, numbered_orders.exchange_rate) as loyalty_discounts,
        coalesce(
            order_refunds.returns,
            converted(raw_orders.refunded_amount, numbered_orders.exchange_rate)
        ) as returns,
        converted(raw_orders.shipping_amount, numbered_orders.exchange_rate) as shipping,
        coalesce(
            order_refunds.refunded_shipping,
            converted(raw_orders.refunded_shipping_amount, numbered_orders.exchange_rate)
        ) as refunded_shipping,
        converted(raw_orders.tax_amount, numbered_orders.exchange_rate) as tax,
        coalesce(
            order_refunds.refunded_tax,
            converted(raw_orders.refunded_tax_amount, numbered_orders.exchange_rate)
        ) as refunded_tax,
        coalesce(
            converted(raw_orders.cost_amount, numbered_orders.exchange_rate),
            order_item_costs.cost
        ) as cost,
        numbered_orders.order_number,
        numbered_orders.is_counted,
        numbered_orders.is_cancelled,
        numbered_orders.is_test,
        cast(raw_orders.ordered_at as date) as order_date,
        numbered_orders.customer_first_order_date,
        cast(numbered_orders.previous_order_at as date) as previous_order_date,
        raw_orders.ordered_at,
        numbered_orders.previous_order_at,
        raw_orders.updated_at,
        raw_orders._loaded_at
    from read_parquet(getvariable('orders')) as raw_orders
    inner join numbered_orders
        on cast(raw_orders.file_index as bigint) * 4294967296 + raw_orders.file_row_number = numbered_orders.row_id
    left join order_refunds
        on numbered_orders.row_id = order_refunds.row_id
    left join order_item_costs
        on numbered_orders.row_id = order_item_costs.row_id
),

measured as (
    select
        *,
        cast(gross_sales - discounts - returns as decimal(18, 4)) as net_sales
    from converted_orders
)

select
    order_id,
    customer_id,
    source_customer_id,
    campaign_id,
    loyalty_program_id,
    status,
    sales_channel,
    discount_code,
    currency,
    exchange_rate,
    original_gross_sales,
    original_discounts,
    original_returns,
    original_total_sales,
    gross_sales,
    discounts,
    loyalty_discounts,
    returns,
    net_sales,
    shipping,
    refunded_shipping,
    tax,
    refunded_tax,
    cast(net_sales + shipping - refunded_shipping + tax - refunded_tax as decimal(18, 4)) as total_sales,
    cost,
    cast(net_sales - cost as decimal(18, 4)) as gross_margin,
    order_number,
    cast(order_date - previous_order_date as bigint) as days_since_previous_order,
    is_counted,
    is_cancelled,
    source_customer_id is null as is_guest,
    is_test,
    coalesce(order_number = 1, false) as is_first_order,
    order_date,
    customer_first_order_date,
    previous_order_date,
    ordered_at,
    previous_order_at,
    updated_at,
    _loaded_at
from measured;

drop table numbered_orders;

-- ---------------------------------------------------------------- the ledger

create table marts.fct_loyalty_transactions as
select
    transactions.loyalty_transaction_id,
    coalesce(aliases.customer_id, transactions.customer_id) as customer_id,
    transactions.customer_id as source_customer_id,
    transactions.program_id,
    transactions.order_id,
    transactions.partner_id,
    transactions.reward_id,
    transactions.transaction_type,
    transactions.activity,
    transactions.reward_type,
    transactions.points,
    cast(
        case
            when transactions.transaction_type in ('redeem', 'expire', 'cancel_earn') then -transactions.points
            else transactions.points
        end as decimal(18, 4)
    ) as signed_points,
    converted(transactions.points, coalesce(programs.point_value, 0.01)) as points_value,
    transactions.reward_cost,
    cast(transactions.occurred_at as date) as occurred_date,
    cast(transactions.available_at as date) as available_date,
    transactions.occurred_at,
    transactions.available_at,
    transactions.expires_at,
    transactions.updated_at,
    transactions._loaded_at
from raw_loyalty_transactions as transactions
left join declared_programs as programs
    on transactions.program_id = programs.program_id
left join aliases
    on transactions.customer_id = aliases.alias_customer_id
where
    transactions.is_good
    and transactions.row_id not in (select row_id from superseded_loyalty_transactions);

create table marts.dim_loyalty_programs as
with ledger_programs as (
    select distinct program_id
    from marts.fct_loyalty_transactions
)

select
    program_id,
    declared_programs.program_name,
    coalesce(declared_programs.program_type, 'points') as program_type,
    coalesce(declared_programs.delivery, 'card') as delivery,
    coalesce(declared_programs.point_value, 0.01) as point_value,
    declared_programs.points_expire_after_days,
    declared_programs.expected_redemption_rate,
    declared_programs.partner_cost_share,
    declared_programs.is_good is null as is_inferred
from declared_programs
full outer join ledger_programs
    using (program_id);

-- ---------------------------------------------------------------- calendar

set variable as_of = (select max(order_date) from marts.fct_orders);
set variable first_day = (select min(order_date) from marts.fct_orders where is_counted);

create table marts.dim_dates as
with bounds as (
    select
        cast(
            date_trunc('year', least(min(orders.order_date), min(ledger.first_day), min(refunds.first_day)))
            - interval 1 year as date
        ) as first_day,
        cast(
            date_trunc('year', greatest(max(orders.order_date), max(ledger.last_day), max(refunds.last_day)))
            + interval 2 years as date
        ) as end_day
    from marts.fct_orders as orders
    cross join (
        select
            min(occurred_date) as first_day,
            max(occurred_date) as last_day
        from marts.fct_loyalty_transactions
    ) as ledger
    cross join (
        select
            min(refund_date) as first_day,
            max(refund_date) as last_day
        from marts.fct_refunds
    ) as refunds
),

days as (
    select cast(unnest(generate_series(first_day, end_day - interval 1 day, interval 1 day)) as date) as date_day
    from bounds
),

starts as (
    select
        date_day,
        cast(date_trunc('week', date_day) as date) as week_start,
        cast(date_trunc('month', date_day) as date) as month_start,
        cast(date_trunc('quarter', date_day) as date) as quarter_start,
        cast(date_trunc('year', date_day) as date) as year_start
    from days
),

ends as (
    select
        *,
        week_start + 6 as week_end,
        cast(month_start + interval 1 month as date) - 1 as month_end,
        cast(quarter_start + interval 3 months as date) - 1 as quarter_end,
        cast(year_start + interval 1 year as date) - 1 as year_end
    from starts
),

-- With weeks from Monday and years from January, the retail year is the ISO year.
retail as (
    select
        *,
        cast(date_trunc('week', make_date(isoyear(date_day), 1, 4)) as date) as retail_year_start,
        least((weekofyear(date_day) - 1) // 13 + 1, 4) as retail_quarter_number,
        weekofyear(date_day) - least((weekofyear(date_day) - 1) // 13, 3) * 13 as retail_quarter_week
    from ends
)

select
    date_day,
    isodow(date_day) as day_of_week,
    isodow(date_day) >= 6 as is_weekend,
    week_start,
    week_end,
    month_start,
    month_end,
    quarter_start,
    quarter_end,
    year_start,
    year_end,
    month(date_day) as month_number,
    quarter(date_day) as quarter_number,
    year(date_day) as year_number,
    month_start as fiscal_month_start,
    month_end as fiscal_month_end,
    quarter_start as fiscal_quarter_start,
    quarter_end as fiscal_quarter_end,
    year_start as fiscal_year_start,
    year_end as fiscal_year_end,
    month(date_day) as fiscal_month_number,
    quarter(date_day) as fiscal_quarter_number,
    year(date_day) as fiscal_year_number,
    retail_year_start,
    -- A year of 53 weeks starts 371 days before the next one, whose week 1 holds 4 January.
    cast(date_trunc('week', make_date(isoyear(date_day) + 1, 1, 4)) as date) - 1 as retail_year_end,
    isoyear(date_day) as retail_year_number,
    weekofyear(date_day) as retail_week_number,
    retail_quarter_number,
    retail_quarter_number * 3 - 2 + (retail_quarter_week > 4)::bigint + (retail_quarter_week > 8)::bigint
        as retail_month_number_445,
    retail_quarter_number * 3 - 2 + (retail_quarter_week > 4)::bigint + (retail_quarter_week > 9)::bigint
        as retail_month_number_454,
    retail_quarter_number * 3 - 2 + (retail_quarter_week > 5)::bigint + (retail_quarter_week > 9)::bigint
        as retail_month_number_544
from retail;

create temp table date_periods as
unpivot (select date_day, week_start, month_start, quarter_start, year_start from marts.dim_dates)
on week_start as week, month_start as month, quarter_start as quarter, year_start as year
into name period_grain value period_start;

create temp table periods as
select
    period_grain,
    period_start,
    max(date_day) as period_end,
    cast(row_number() over (order by period_grain, period_start) as integer) as period_number,
    max(date_day) + 1 as next_period_start,
    max(date_day) <= getvariable('as_of') as is_complete
from date_periods
group by period_grain, period_start
having max(date_day) >= getvariable('first_day') and period_start <= getvariable('as_of');

-- ---------------------------------------------------------------- customers

-- What was refunded after as_of is in the facts and in no report: the orders it is given back to.
create temp table late_returns as
select
    orders.customer_id,
    orders.order_date,
    orders.customer_first_order_date,
    sum(refunds.refund_amount) as returns,
    sum(refunds.refund_amount + refunds.refunded_shipping_amount + refunds.refunded_tax_amount) as total_sales,
    sum(case when orders.gross_margin is not null then refunds.refund_amount end) as gross_margin
from marts.fct_orders as orders
inner join (
    from marts.fct_refunds
    where is_counted and refund_date > getvariable('as_of')
) as refunds
    on orders.order_id = refunds.order_id
group by all;

create temp table customer_orders as
with sums as (
    select
        customer_id,
        count(*) as orders,
        sum(net_sales) as net_sales,
        sum(gross_margin) as gross_margin,
        sum(net_sales) filter (where order_date > customer_first_order_date) as repeat_day_net_sales,
        count(*) filter (where order_date > previous_order_date) as repeat_purchase_days,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        max(sales_channel) filter (where order_number = 1) as first_sales_channel
    from marts.fct_orders
    where order_number is not null
    group by customer_id
),

late as (
    select
        customer_id,
        sum(returns) as net_sales,
        sum(gross_margin) as gross_margin,
        sum(returns) filter (where order_date > customer_first_order_date) as repeat_day_net_sales
    from late_returns
    where customer_id is not null
    group by customer_id
)

select
    sums.* replace (
        sums.net_sales + coalesce(late.net_sales, 0) as net_sales,
        sums.gross_margin + coalesce(late.gross_margin, 0) as gross_margin,
        sums.repeat_day_net_sales + coalesce(late.repeat_day_net_sales, 0) as repeat_day_net_sales
    )
from sums
left join late
    on sums.customer_id = late.customer_id;

create temp table loyalty_members as
select
    customer_id,
    min(occurred_date) <= getvariable('as_of') as is_loyalty_member
from marts.fct_loyalty_transactions
group by customer_id;

create table marts.dim_customers as
with inferred_customers as (
    select aliases.customer_id
    from aliases
    semi join accounts
        on aliases.alias_customer_id = accounts.customer_id
    anti join accounts
        on aliases.customer_id = accounts.customer_id
    union
    select customer_id
    from customer_orders
    anti join accounts
        using (customer_id)
    union
    select customer_id
    from marts.fct_orders
    anti join accounts
        using (customer_id)
    where order_number is null and customer_id is not null
    union
    select customer_id
    from loyalty_members
    anti join accounts
        using (customer_id)
),

customers as (
    from accounts
    where customer_id not in (select alias_customer_id from aliases)
    union all by name
    from inferred_customers
)

select
    customer_id,
    case
        when starts_with(customer_id, 'guest:') then substr(customer_id, 7)
        else left(sha256(getvariable('hash_key') || ':' || lower(customers.email)), 32)
    end as email_hash,
    customers.country_code,
    customers.acquisition_channel,
    customers.acquisition_campaign_id,
    customer_orders.first_sales_channel,
    customers.email_consent,
    customers.sms_consent,
    customers.push_consent,
    starts_with(customer_id, 'guest:') as is_guest,
    customers.is_test is null and not starts_with(customer_id, 'guest:') as is_inferred,
    coalesce(loyalty_members.is_loyalty_member, false) as is_loyalty_member,
    coalesce(customer_orders.orders, 0) as orders,
    cast(coalesce(customer_orders.net_sales, 0) as decimal(28, 4)) as net_sales,
    customers.created_at,
    customer_orders.first_order_at,
    customer_orders.last_order_at,
    customer_orders.first_order_date,
    customer_orders.last_order_date,
    cast(date_trunc('month', customer_orders.first_order_date) as date) as cohort_month
from customers
left join customer_orders
    using (customer_id)
left join loyalty_members
    using (customer_id);

create table marts.rpt_customer_value as
with aged as (
    select
        *,
        getvariable('as_of') - first_order_date as customer_age_days,
        cast(net_sales as double) / orders as average_order_value,
        orders * 365.0::double / greatest(getvariable('as_of') - first_order_date, 365) as orders_per_year,
        coalesce(cast(gross_margin as double) / nullif(cast(net_sales as double), 0), 1) as gross_margin_rate
    from customer_orders
)

select
    customer_id,
    orders,
    repeat_purchase_days,
    getvariable('as_of') - last_order_date as recency_days,
    last_order_date - first_order_date as days_first_to_last_order,
    customer_age_days,
    cast(net_sales as decimal(28, 4)) as net_sales,
    cast(gross_margin as decimal(28, 4)) as gross_margin,
    cast(repeat_day_net_sales as double) / nullif(repeat_purchase_days, 0) as mean_repeat_day_value,
    average_order_value,
    orders_per_year,
    cast(3 as double) as expected_lifespan_years,
    gross_margin_rate,
    average_order_value * orders_per_year * 3 * gross_margin_rate as formula_ltv,
    first_order_date,
    last_order_date
from aged;

-- One small number per combination of segments: reports are summed by it and parted at the end.
create temp table segment_combinations as
select
    row_number() over () as segment_combination,
    *
from (
    select distinct
        coalesce(country_code, 'unknown') as country_code,
        coalesce(acquisition_channel, 'unknown') as acquisition_channel,
        coalesce(first_sales_channel, 'unknown') as first_sales_channel
    from marts.dim_customers
    where orders > 0
);

create temp table segments as
select
    segment_combination,
    'all' as segment_type,
    'all' as segment
from segment_combinations
union all
from (unpivot segment_combinations on country_code, acquisition_channel, first_sales_channel
into name segment_type value segment);

create temp table customer_segments as
select
    customers.customer_id,
    customers.first_order_date,
    customers.last_order_date,
    customers.orders,
    cast(segment_combinations.segment_combination as integer) as segment_combination
from marts.dim_customers as customers
inner join segment_combinations
    on
        coalesce(customers.country_code, 'unknown') = segment_combinations.country_code
        and coalesce(customers.acquisition_channel, 'unknown') = segment_combinations.acquisition_channel
        and coalesce(customers.first_sales_channel, 'unknown') = segment_combinations.first_sales_channel
where customers.orders > 0;

-- ---------------------------------------------------------------- customers by period

create temp macro customer_periods(grain) as table
select
    grain as period_grain,
    cast(date_trunc(grain, order_date) as date) as period_start,
    customer_id,
    count(*) as orders,
    sum(gross_sales) as gross_sales,
    sum(discounts) as discounts,
    sum(returns) as returns,
    sum(total_sales) as total_sales,
    sum(gross_margin) as gross_margin,
    count(gross_margin) as orders_with_cost,
    min(order_number) as first_order_number,
    min(order_date) as first_order_date,
    min(previous_order_date) as previous_order_date,
    min(customer_first_order_date) as customer_first_order_date
from marts.fct_orders
where order_number is not null
group by period_start, customer_id;

create temp macro customers_in_time(grain, step) as table
with placed as (
    select
        * replace (case when first_order_number > 1 then previous_order_date end as previous_order_date),
        cast(date_trunc(grain, customer_first_order_date) as date) as cohort_start,
        cast(period_start - step as date) as previous_period_start
    from customer_periods(grain)
)

select
    period_grain,
    period_start,
    customer_id,
    orders,
    cast(gross_sales as decimal(18, 4)) as gross_sales,
    cast(discounts as decimal(18, 4)) as discounts,
    cast(returns as decimal(18, 4)) as returns,
    cast(gross_sales - discounts - returns as decimal(18, 4)) as net_sales,
    cast(total_sales as decimal(18, 4)) as total_sales,
    cast(gross_margin as decimal(18, 4)) as gross_margin,
    orders_with_cost,
    first_order_number = 1 as is_new,
    coalesce(previous_order_date >= previous_period_start, false) as is_retained,
    coalesce(previous_order_date < previous_period_start, false) as is_resurrected,
    first_order_number + orders - 1 as orders_to_date,
    first_order_date,
    previous_order_date,
    cohort_start,
    date_diff(grain, cohort_start, period_start) as period_number
from placed;

create table marts.fct_customer_periods as
from customers_in_time('week', interval 7 days)
union all
from customers_in_time('month', interval 1 month)
union all
from customers_in_time('quarter', interval 3 months)
union all
from customers_in_time('year', interval 1 year);

create temp table cohort_activity as
select
    customer_periods.period_grain,
    customer_periods.period_start,
    customer_periods.cohort_start,
    customer_segments.segment_combination,
    count(*) as active_customers,
    count_if(customer_periods.is_new) as new_customers,
    count_if(customer_periods.is_retained) as retained_customers,
    count_if(customer_periods.is_resurrected) as resurrected_customers,
    count_if(customer_periods.orders >= 2) as repeat_customers,
    count_if(customer_periods.orders_to_date >= 2) as repeat_customers_to_date,
    count_if(
        customer_periods.orders_to_date >= 2 and customer_periods.orders_to_date - customer_periods.orders < 2
    ) as second_order_customers,
    count_if(customer_periods.orders_to_date = customer_segments.orders) as last_active_customers,
    sum(customer_periods.orders) as orders,
    sum(customer_periods.gross_sales) as gross_sales,
    sum(customer_periods.discounts) as discounts,
    sum(customer_periods.returns) as returns,
    sum(customer_periods.net_sales) as net_sales,
    sum(customer_periods.total_sales) as total_sales,
    sum(customer_periods.gross_margin) as gross_margin
from marts.fct_customer_periods as customer_periods
inner join customer_segments
    on customer_periods.customer_id = customer_segments.customer_id
group by 1, 2, 3, 4
union all by name
select
    order_periods.period_grain,
    order_periods.period_start,
    cohort_periods.period_start as cohort_start,
    customer_segments.segment_combination,
    -sum(late_returns.returns) as returns,
    sum(late_returns.returns) as net_sales,
    sum(late_returns.total_sales) as total_sales,
    sum(late_returns.gross_margin) as gross_margin
from date_periods as order_periods
inner join late_returns
    on order_periods.date_day = late_returns.order_date
inner join date_periods as cohort_periods
    on
        late_returns.customer_first_order_date = cohort_periods.date_day
        and order_periods.period_grain = cohort_periods.period_grain
inner join customer_segments
    on late_returns.customer_id = customer_segments.customer_id
group by 1, 2, 3, 4;

-- Returns move from the day of the order to the day on which they are posted.
create temp table posted_changes as
select
    date_periods.period_grain,
    date_periods.period_start,
    customer_segments.segment_combination,
    sum(moved.returns) as returns_posted_change
from (
    select
        customer_id,
        unnest([order_date, posted_date]) as date_day,
        unnest([-refund_amount, refund_amount]) as returns
    from marts.fct_refunds
    where is_counted and refund_date <= getvariable('as_of') and posted_date > order_date
) as moved
inner join customer_segments
    on moved.customer_id = customer_segments.customer_id
inner join date_periods
    on moved.date_day = date_periods.date_day
group by 1, 2, 3;

-- ---------------------------------------------------------------- churn

-- A churn day is 91 days after an order, unless the next order comes up to and including that day.
create temp table churn_days as
select
    orders.customer_id,
    customer_segments.segment_combination,
    orders.previous_order_date as last_order_date,
    orders.previous_order_date + 91 as churn_date
from marts.fct_orders as orders
inner join customer_segments
    on orders.customer_id = customer_segments.customer_id
where orders.order_number is not null and orders.order_date > orders.previous_order_date + 91
union all
select
    customer_id,
    segment_combination,
    last_order_date,
    last_order_date + 91 as churn_date
from customer_segments
where last_order_date + 91 <= getvariable('as_of');

create temp table period_churned_customers as
with churned_by_day as (
    select
        segment_combination,
        last_order_date,
        churn_date,
        count(*) as churned_customers
    from churn_days
    group by 1, 2, 3
),

-- Ordered before the period and churned in it: was open at its start, and cannot churn like that twice.
churned_from_before as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        churned_by_day.segment_combination,
        sum(churned_by_day.churned_customers) as churned_customers
    from churned_by_day
    inner join date_periods
        on churned_by_day.churn_date = date_periods.date_day
    where churned_by_day.last_order_date < date_periods.period_start
    group by 1, 2, 3
),

-- Ordered in the period and churned in it, which takes a period longer than 91 days: open at its start
-- if the order before the period says so. Still open at the first order in it, they are not counted above.
churned_within as (
    select distinct
        date_periods.period_grain,
        date_periods.period_start,
        churn_days.customer_id,
        churn_days.segment_combination
    from churn_days
    inner join date_periods
        on churn_days.churn_date = date_periods.date_day
    inner join marts.fct_customer_periods as customer_periods
        on
            date_periods.period_grain = customer_periods.period_grain
            and date_periods.period_start = customer_periods.period_start
            and churn_days.customer_id = customer_periods.customer_id
    where
        churn_days.last_order_date >= date_periods.period_start
        and date_periods.period_grain in ('quarter', 'year')
        and customer_periods.previous_order_date + 91 >= customer_periods.first_order_date
)

select
    period_grain,
    period_start,
    segment_combination,
    sum(churned_customers) as churned_customers
from (
    from churned_from_before
    union all
    select
        period_grain,
        period_start,
        segment_combination,
        count(*) as churned_customers
    from churned_within
    group by 1, 2, 3
)
group by 1, 2, 3;

-- An order opens its customer on the day after, and closes what the order before had opened.
create temp table open_customers_by_day as
with orders as (
    select
        customer_segments.segment_combination,
        orders.order_date,
        orders.previous_order_date
    from marts.fct_orders as orders
    inner join customer_segments
        on orders.customer_id = customer_segments.customer_id
    where orders.order_number is not null
),

changes as (
    select
        segment_combination,
        order_date + 1 as date_day,
        count(*) as open_customers_change
    from orders
    group by 1, 2
    union all
    select
        segment_combination,
        least(order_date, previous_order_date + 91) + 1 as date_day,
        -count(*) as open_customers_change
    from orders
    where previous_order_date is not null
    group by 1, 2
    union all
    select
        segment_combination,
        last_order_date + 92 as date_day,
        -count(*) as open_customers_change
    from customer_segments
    group by 1, 2
)

select
    segments.segment_type,
    segments.segment,
    changes.date_day,
    sum(changes.open_customers_change) as open_customers_change
from changes
inner join segments
    on changes.segment_combination = segments.segment_combination
group by 1, 2, 3;

-- ---------------------------------------------------------------- retention by period

create table marts.rpt_retention_by_period as
with activity as (
    select
        cohort_activity.period_grain,
        cohort_activity.period_start,
        segments.segment_type,
        segments.segment,
        sum(cohort_activity.active_customers) as active_customers,
        sum(cohort_activity.new_customers) as new_customers,
        sum(cohort_activity.retained_customers) as retained_customers,
        sum(cohort_activity.resurrected_customers) as resurrected_customers,
        sum(cohort_activity.repeat_customers) as repeat_customers,
        sum(cohort_activity.repeat_customers_to_date) as repeat_customers_to_date,
        sum(cohort_activity.second_order_customers) as second_order_customers,
        sum(cohort_activity.orders) as orders,
        sum(cohort_activity.gross_sales) as gross_sales,
        sum(cohort_activity.discounts) as discounts,
        sum(cohort_activity.returns) as returns,
        sum(cohort_activity.net_sales) as net_sales,
        sum(cohort_activity.total_sales) as total_sales,
        sum(cohort_activity.gross_margin) as gross_margin
    from (
        -- First without the cohort: a tenth of the rows go through the join with the segments.
        select
            period_grain,
            period_start,
            segment_combination,
            sum(columns(* exclude (period_grain, period_start, segment_combination, cohort_start)))
        from cohort_activity
        group by 1, 2, 3
    ) as cohort_activity
    inner join segments
        on cohort_activity.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4
),

posted as (
    select
        posted_changes.period_grain,
        posted_changes.period_start,
        segments.segment_type,
        segments.segment,
        sum(posted_changes.returns_posted_change) as returns_posted_change
    from posted_changes
    inner join segments
        on posted_changes.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4
),

churned as (
    select
        period_churned_customers.period_grain,
        period_churned_customers.period_start,
        segments.segment_type,
        segments.segment,
        sum(period_churned_customers.churned_customers) as churned_customers
    from period_churned_customers
    inner join segments
        on period_churned_customers.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4
),

open_changes as (
    select
        date_periods.period_grain,
        -- A change on the first day of a period is seen at its start, a later one at the next start.
        case
            when open_customers_by_day.date_day = date_periods.period_start then date_periods.period_start
            else periods.next_period_start
        end as period_start,
        open_customers_by_day.segment_type,
        open_customers_by_day.segment,
        sum(open_customers_by_day.open_customers_change) as open_customers_change
    from open_customers_by_day
    inner join date_periods
        on open_customers_by_day.date_day = date_periods.date_day
    inner join periods
        on
            date_periods.period_grain = periods.period_grain
            and date_periods.period_start = periods.period_start
    group by 1, 2, 3, 4
),

orders_without_customer as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        sum(orders.orders) as orders,
        sum(orders.net_sales) as net_sales
    from (
        select
            order_date,
            count(*) as orders,
            sum(net_sales) as net_sales
        from marts.fct_orders
        where is_counted and customer_id is null
        group by order_date
        union all
        select
            order_date,
            0 as orders,
            returns as net_sales
        from late_returns
        where customer_id is null
    ) as orders
    inner join date_periods
        on orders.order_date = date_periods.date_day
    group by 1, 2
),

report_segments as (
    select
        segment_type,
        segment
    from segments
    union
    select
        unnest(['all', 'country_code', 'acquisition_channel', 'first_sales_channel']) as segment_type,
        unnest(['all', 'unknown', 'unknown', 'unknown']) as segment
    where exists (from orders_without_customer)
),

filled as (
    select
        periods.period_grain,
        report_segments.segment_type,
        report_segments.segment,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        coalesce(activity.active_customers, 0) as active_customers,
        coalesce(activity.new_customers, 0) as new_customers,
        coalesce(activity.retained_customers, 0) as retained_customers,
        coalesce(activity.resurrected_customers, 0) as resurrected_customers,
        coalesce(activity.repeat_customers, 0) as repeat_customers,
        coalesce(activity.repeat_customers_to_date, 0) as repeat_customers_to_date,
        coalesce(churned.churned_customers, 0) as churned_customers,
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.orders, 0) + coalesce(orders_without_customer.orders, 0) as orders_all,
        coalesce(activity.gross_sales, 0) as gross_sales,
        coalesce(activity.discounts, 0) as discounts,
        coalesce(activity.returns, 0) as returns,
        coalesce(activity.returns, 0) + coalesce(posted.returns_posted_change, 0) as returns_posted,
        coalesce(activity.net_sales, 0) as net_sales,
        coalesce(activity.net_sales, 0) + coalesce(orders_without_customer.net_sales, 0) as net_sales_all,
        coalesce(activity.total_sales, 0) as total_sales,
        activity.gross_margin,
        coalesce(lag(activity.active_customers) over so_far, 0) as previous_active_customers,
        coalesce(sum(activity.new_customers) over so_far, 0) as customers_to_date,
        coalesce(sum(activity.second_order_customers) over so_far, 0) as repeat_customers_lifetime,
        coalesce(sum(open_changes.open_customers_change) over so_far, 0) as open_customers
    from periods
    cross join report_segments
    left join activity
        using (period_grain, period_start, segment_type, segment)
    left join posted
        using (period_grain, period_start, segment_type, segment)
    left join churned
        using (period_grain, period_start, segment_type, segment)
    left join open_changes
        using (period_grain, period_start, segment_type, segment)
    left join orders_without_customer
        on
            periods.period_grain = orders_without_customer.period_grain
            and periods.period_start = orders_without_customer.period_start
            and report_segments.segment in ('all', 'unknown')
    window so_far as (
        partition by periods.period_grain, report_segments.segment_type, report_segments.segment
        order by periods.period_start
        rows unbounded preceding
    )
),

rated as (
    select
        *,
        cast(net_sales as double) / nullif(cast(orders as double), 0) as average_order_value,
        cast(orders as double) / nullif(active_customers, 0) as purchase_frequency
    from filled
)

select
    period_grain,
    segment_type,
    segment,
    period_start,
    period_end,
    is_complete,
    cast(active_customers as bigint) as active_customers,
    cast(new_customers as bigint) as new_customers,
    cast(active_customers - new_customers as bigint) as returning_customers,
    cast(previous_active_customers as bigint) as previous_active_customers,
    cast(retained_customers as bigint) as retained_customers,
    cast(previous_active_customers - retained_customers as bigint) as lost_customers,
    cast(resurrected_customers as bigint) as resurrected_customers,
    cast(repeat_customers as bigint) as repeat_customers,
    cast(repeat_customers_to_date as bigint) as repeat_customers_to_date,
    cast(customers_to_date as bigint) as customers_to_date,
    cast(repeat_customers_lifetime as bigint) as repeat_customers_lifetime,
    cast(open_customers as bigint) as open_customers,
    cast(churned_customers as bigint) as churned_customers,
    cast(orders as bigint) as orders,
    cast(orders_all as bigint) as orders_all,
    cast(gross_sales as decimal(28, 4)) as gross_sales,
    cast(discounts as decimal(28, 4)) as discounts,
    cast(returns as decimal(28, 4)) as returns,
    cast(returns_posted as decimal(28, 4)) as returns_posted,
    cast(net_sales as decimal(28, 4)) as net_sales,
    cast(net_sales_all as decimal(28, 4)) as net_sales_all,
    cast(total_sales as decimal(28, 4)) as total_sales,
    cast(gross_margin as decimal(28, 4)) as gross_margin,
    case when is_complete then retained_customers / nullif(previous_active_customers, 0) end as retention_rate,
    case
        when is_complete
            then (previous_active_customers - retained_customers) / nullif(previous_active_customers, 0)
    end as churn_rate,
    case when is_complete then churned_customers / nullif(open_customers, 0) end as inactivity_churn_rate,
    repeat_customers / nullif(active_customers, 0) as repeat_customer_rate,
    repeat_customers_to_date / nullif(active_customers, 0) as repeat_customer_rate_to_date,
    repeat_customers_lifetime / nullif(customers_to_date, 0) as repeat_customer_rate_lifetime,
    (active_customers - new_customers) / nullif(active_customers, 0) as returning_customer_share,
    purchase_frequency,
    average_order_value,
    cast(gross_sales - discounts as double) / nullif(orders, 0) as average_order_value_before_returns,
    cast(total_sales as double) / nullif(orders, 0) as average_order_value_total,
    purchase_frequency * average_order_value as customer_value
from rated;

-- ---------------------------------------------------------------- retention by cohort

-- Summed, filled and windowed under small numbers; words and dates are put back at the end.
create temp table report_segments as
select
    segment_type,
    segment,
    cast(row_number() over () as integer) as segment_number
from (select distinct segment_type, segment from segments);

create temp table cohort_segments as
select
    cohort_periods.period_number as cohort_number,
    periods.period_number,
    report_segments.segment_number,
    sum(cohort_activity.active_customers) as active_customers,
    sum(cohort_activity.second_order_customers) as second_order_customers,
    sum(cohort_activity.last_active_customers) as last_active_customers,
    sum(cohort_activity.orders) as orders,
    sum(cohort_activity.net_sales) as net_sales,
    sum(cohort_activity.gross_margin) as gross_margin
from cohort_activity
inner join periods as cohort_periods
    on
        cohort_activity.period_grain = cohort_periods.period_grain
        and cohort_activity.cohort_start = cohort_periods.period_start
inner join periods
    on
        cohort_activity.period_grain = periods.period_grain
        and cohort_activity.period_start = periods.period_start
inner join segments
    on cohort_activity.segment_combination = segments.segment_combination
inner join report_segments
    on
        segments.segment_type = report_segments.segment_type
        and segments.segment = report_segments.segment
group by 1, 2, 3;

create table marts.rpt_retention_by_cohort as
with spine as (
    select
        cohorts.cohort_number,
        cohorts.segment_number,
        periods.period_number,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        periods.period_grain,
        cohort_periods.period_start as cohort_start,
        cohorts.active_customers as cohort_size,
        cohorts.net_sales as first_period_net_sales
    from cohort_segments as cohorts
    inner join periods as cohort_periods
        on cohorts.cohort_number = cohort_periods.period_number
    inner join periods
        on
            cohort_periods.period_grain = periods.period_grain
            and cohort_periods.period_number <= periods.period_number
    where cohorts.cohort_number = cohorts.period_number
),

filled as (
    select
        spine.*,
        coalesce(cohort_segments.active_customers, 0) as active_customers,
        coalesce(cohort_segments.orders, 0) as orders,
        coalesce(cohort_segments.net_sales, 0) as net_sales,
        cohort_segments.gross_margin,
        spine.cohort_size - sum(coalesce(cohort_segments.last_active_customers, 0)) over to_date
        + coalesce(cohort_segments.last_active_customers, 0) as on_or_after_customers,
        sum(coalesce(cohort_segments.second_order_customers, 0)) over to_date as repurchased_customers,
        sum(cohort_segments.orders) over to_date as cumulative_orders,
        sum(cohort_segments.net_sales) over to_date as cumulative_net_sales
    from spine
    left join cohort_segments
        using (cohort_number, period_number, segment_number)
    window to_date as (
        partition by spine.cohort_number, spine.segment_number
        order by spine.period_number
        rows unbounded preceding
    )
)

select
    filled.period_grain,
    filled.cohort_start,
    cast(filled.period_number - filled.cohort_number as bigint) as period_number,
    report_segments.segment_type,
    report_segments.segment,
    filled.period_start,
    filled.period_end,
    filled.is_complete,
    cast(filled.cohort_size as bigint) as cohort_size,
    cast(filled.active_customers as bigint) as active_customers,
    cast(filled.on_or_after_customers as bigint) as on_or_after_customers,
    cast(filled.repurchased_customers as bigint) as repurchased_customers,
    cast(filled.orders as bigint) as orders,
    cast(filled.cumulative_orders as bigint) as cumulative_orders,
    cast(filled.net_sales as decimal(28, 4)) as net_sales,
    cast(filled.cumulative_net_sales as decimal(28, 4)) as cumulative_net_sales,
    cast(filled.gross_margin as decimal(28, 4)) as gross_margin,
    case when filled.is_complete then filled.active_customers / filled.cohort_size end as retention_rate,
    case when filled.is_complete then filled.on_or_after_customers / filled.cohort_size end
        as on_or_after_retention_rate,
    case when filled.is_complete then filled.repurchased_customers / filled.cohort_size end as repurchase_rate,
    case
        when filled.is_complete
            then cast(filled.net_sales as double) / nullif(cast(filled.first_period_net_sales as double), 0)
    end as net_sales_retention,
    case when filled.is_complete then cast(filled.cumulative_net_sales as double) / filled.cohort_size end
        as cumulative_ltv
from filled
inner join report_segments
    on filled.segment_number = report_segments.segment_number;

-- ---------------------------------------------------------------- quarantine
-- Bad rows are kept whole, with their reasons; reasons are made for bad rows alone.

create table quarantine.orders as
select
    concat_ws(
        ',',
        case when discount_amount > 0 and discount_amount > subtotal_amount then 'discount_exceeds_subtotal' end,
        case when currency <> 'USD' and exchange_rate is null then 'missing_exchange_rate' end,
        case when order_id is null or trim(order_id) = '' then 'missing_order_id' end,
        case when ordered_at is null then 'missing_ordered_at' end,
        case when subtotal_amount is null then 'missing_subtotal_amount' end,
        case
            when least(
                subtotal_amount, discount_amount, loyalty_discount_amount, refunded_amount, shipping_amount,
                refunded_shipping_amount, tax_amount, refunded_tax_amount, cost_amount
            ) < 0 then 'negative_amount'
        end,
        case when ordered_at > _loaded_at + interval 1 day then 'ordered_in_future' end,
        case
            when refunded_amount > 0 and refunded_amount > subtotal_amount - discount_amount and not has_refunds
                then 'refund_exceeds_order'
        end,
        case when is_counted_status is null then 'unknown_status' end
    ) as rejection_reasons,
    raw_orders.* replace (lower(status) as status),
    bad_orders.is_counted_status,
    bad_orders.is_cancelled
from read_parquet(getvariable('orders')) as raw_orders
inner join bad_orders
    on cast(raw_orders.file_index as bigint) * 4294967296 + raw_orders.file_row_number = bad_orders.row_id;

create table quarantine.customers as
select
    concat_ws(
        ',',
        case when customer_id is null then 'missing_customer_id' end,
        case
            when birth_date is not null and try_cast(birth_date as timestamp) is null
                then 'unparseable_birth_date'
        end
    ) as rejection_reasons,
    raw_customers.* exclude (row_id, is_good)
from suspect_customers as raw_customers
where not is_good;

create table quarantine.loyalty_programs as
select
    concat_ws(
        ',',
        case when program_id is null then 'missing_program_id' end,
        case when program_id is not null then 'unknown_program_type' end
    ) as rejection_reasons,
    raw_loyalty_programs.* exclude (is_good)
from raw_loyalty_programs
where not is_good;

create table quarantine.loyalty_transactions as
select
    concat_ws(
        ',',
        case when expires_at < occurred_at then 'expires_before_earned' end,
        case when customer_id is null then 'missing_customer_id' end,
        case when loyalty_transaction_id is null then 'missing_loyalty_transaction_id' end,
        case when occurred_at is null then 'missing_occurred_at' end,
        case when points is null then 'missing_points' end,
        case when transaction_type is null then 'missing_transaction_type' end,
        case when reward_cost < 0 then 'negative_amount' end,
        case when transaction_type <> 'adjust' and points <= 0 then 'non_positive_points' end,
        case
            when transaction_type not in ('earn', 'redeem', 'expire', 'cancel_earn', 'restore', 'adjust')
                then 'unknown_transaction_type'
        end
    ) as rejection_reasons,
    raw_loyalty_transactions.* exclude (row_id, is_good)
from suspect_loyalty_transactions as raw_loyalty_transactions
where not is_good;

create table quarantine.refunds as
select
    concat_ws(
        ',',
        case when refund_id is null then 'missing_refund_id' end,
        case when order_id is null then 'missing_order_id' end,
        case when refunded_at is null then 'missing_refunded_at' end,
        case when refund_amount is null then 'missing_refund_amount' end,
        case
            when least(refund_amount, refunded_shipping_amount, refunded_tax_amount) < 0 then 'negative_amount'
        end,
        case when exceeds_order then 'refund_exceeds_order' end,
        case when order_id is not null and order_row_id is null then 'unknown_order' end
    ) as rejection_reasons,
    * exclude (
        is_good, order_row_id, customer_id, is_counted, paid_goods_amount, exchange_rate, order_date, is_standing,
        exceeds_order
    )
from known_refunds
where not is_good or order_row_id is null or exceeds_order;

create table quarantine.order_items as
select
    concat_ws(
        ',',
        case
            when discount_amount > 0 and discount_amount > quantity * unit_price then 'discount_exceeds_subtotal'
        end,
        case when line_number is null then 'missing_line_number' end,
        case when order_id is null then 'missing_order_id' end,
        case when product_id is null then 'missing_product_id' end,
        case when quantity is null then 'missing_quantity' end,
        case when unit_price is null then 'missing_unit_price' end,
        case when least(unit_price, discount_amount, unit_cost) < 0 then 'negative_amount' end,
        case when quantity <= 0 then 'non_positive_quantity' end,
        case when order_id is not null and not is_known then 'unknown_order' end
    ) as rejection_reasons,
    * exclude (row_id, is_good, is_known)
from (
    select
        *,
        order_id in (select order_id from standing_orders) as is_known
    from raw_order_items
)
where not is_good or not is_known;

create table quarantine.customer_aliases as
select
    concat_ws(
        ',',
        case when is_good then 'alias_cycle' end,
        case when alias_customer_id is null then 'missing_alias_customer_id' end,
        case when customer_id is null then 'missing_customer_id' end
    ) as rejection_reasons,
    * exclude (is_good, is_standing)
from judged_aliases
where not is_good or (is_standing and alias_customer_id not in (select alias_customer_id from aliases));

create table quarantine.exchange_rates as
select
    concat_ws(
        ',',
        case when currency is null then 'missing_currency' end,
        case when rate_date is null then 'missing_rate_date' end,
        case when rate_to_reporting is null then 'missing_rate_to_reporting' end,
        case when rate_to_reporting <= 0 then 'negative_amount' end
    ) as rejection_reasons,
    * exclude (is_good, is_standing)
from judged_exchange_rates
where not is_good;

create table marts.rpt_load_reconciliation as
select
    'orders' as table_name,
    (select count(*) from read_parquet(getvariable('orders'))) as raw_rows,
    (select count(*) from marts.fct_orders) as accepted_rows,
    (select count(*) from superseded_orders) as superseded_rows,
    (select count(*) from quarantine.orders) as quarantined_rows
union all
select
    'customers' as table_name,
    (select count(*) from raw_customers) as raw_rows,
    (select count(*) from accounts) as accepted_rows,
    (select count(*) from superseded_customers) as superseded_rows,
    (select count(*) from quarantine.customers) as quarantined_rows
union all
select
    'loyalty_transactions' as table_name,
    (select count(*) from raw_loyalty_transactions) as raw_rows,
    (select count(*) from marts.fct_loyalty_transactions) as accepted_rows,
    (select count(*) from superseded_loyalty_transactions) as superseded_rows,
    (select count(*) from quarantine.loyalty_transactions) as quarantined_rows
union all
select
    'loyalty_programs' as table_name,
    (select count(*) from raw_loyalty_programs) as raw_rows,
    (select count(*) from declared_programs) as accepted_rows,
    (select count(*) from raw_loyalty_programs where is_good) - (select count(*) from declared_programs) as superseded_rows,
    (select count(*) from quarantine.loyalty_programs) as quarantined_rows
union all
select
    'refunds' as table_name,
    (select count(*) from judged_refunds) as raw_rows,
    (select count(*) from marts.fct_refunds) as accepted_rows,
    (
        select count(*)
        from known_refunds
        where is_good and order_row_id is not null and not is_standing
    ) as superseded_rows,
    (select count(*) from quarantine.refunds) as quarantined_rows
union all
select
    'order_items' as table_name,
    (select count(*) from raw_order_items) as raw_rows,
    (select count(*) from marts.fct_order_items) as accepted_rows,
    (
        select count(*)
        from superseded_order_items
        where order_id in (select order_id from standing_orders)
    ) as superseded_rows,
    (select count(*) from quarantine.order_items) as quarantined_rows
union all
select
    'customer_aliases' as table_name,
    (select count(*) from judged_aliases) as raw_rows,
    (select count(*) from aliases) as accepted_rows,
    (select count(*) from judged_aliases where is_good and not is_standing) as superseded_rows,
    (select count(*) from quarantine.customer_aliases) as quarantined_rows
union all
select
    'exchange_rates' as table_name,
    (select count(*) from judged_exchange_rates) as raw_rows,
    (select count(*) from judged_exchange_rates where is_standing) as accepted_rows,
    (select count(*) from judged_exchange_rates where is_good and not is_standing) as superseded_rows,
    (select count(*) from quarantine.exchange_rates) as quarantined_rows;
