{{ config(materialized='increment') }}

-- depends_on: {{ ref('int_touched_orders') }}

-- An amount that comes to 10^13 or more is a rate the wrong way round or a number of another column: what no
-- decimal(18,4) holds would stop the build. The largest amount is compared first, which spares nearly all rows
-- the others.
{%- set amounts = [
    'subtotal_amount', 'loyalty_discount_amount', 'shipping_amount', 'refunded_shipping_amount', 'tax_amount',
    'refunded_tax_amount', 'cost_amount',
] %}
{%- set rate = 'cast(coalesce(exchange_rates.exchange_rate, 1) as double)' %}
{%- set reasons_of_amounts = [] %}
{%- for amount in amounts %}
    {%- do reasons_of_amounts.append(
        'case when cast(orders.' ~ amount ~ ' as double) * ' ~ rate ~ " >= 1e13 then 'unparseable_" ~ amount ~ "' end"
    ) %}
{%- endfor %}
{%- set earlier_reasons = 'case when cast(orders.largest_amount as double) * ' ~ rate ~ ' >= 1e13 '
    ~ "then concat_ws(',', orders.row_rejection_reasons, " ~ reasons_of_amounts | join(', ') ~ ') '
    ~ 'else orders.row_rejection_reasons end' %}

with orders_to_judge as (
    {%- if is_batch() %}
    {{ raw_rows_of_keys(
        'stg_orders',
        'orders',
        key='order_id',
        touched='select order_id from ' ~ ref('int_touched_orders'),
        known_from=['fct_orders', 'int_order_versions']
    ) }}
    {%- else %}
    select * from {{ ref('stg_orders') }}
    {%- endif %}
),

orders as (
    select
        *,
        {{ to_local_date('ordered_at') }} as order_date,
        greatest({{ amounts | join(', ') }}) as largest_amount,
        -- Only these are looked up among the orders with refunds of their own; an order without an id has none.
        case
            when refunded_amount > 0 and refunded_amount > subtotal_amount - discount_amount then coalesce(order_id, '')
        end as over_refunded_order_id
    from orders_to_judge
),

order_statuses as (
    select * from {{ ref('order_statuses') }}
),

exchange_rates as (
    select * from {{ ref('int_order_exchange_rates') }}
),

orders_with_refunds as (
    select order_id from {{ ref('int_orders_with_refunds') }}
),

judged as (
    select
        orders.*,
        order_statuses.is_counted as is_counted_status,
        order_statuses.is_cancelled,
        -- The sales bridge converts subtotals of rejected rows too.
        case
            when abs(cast(orders.subtotal_amount as double)) * {{ rate }} >= 1e13 then null
            when orders.currency = '{{ var("reporting_currency") | upper }}' then 1
            else exchange_rates.exchange_rate
        end as exchange_rate,
        {{ rejection_reasons(earlier_reasons, {
            'unknown_status': 'order_statuses.status is null',
            'missing_exchange_rate': "orders.currency <> '" ~ var('reporting_currency') | upper
                ~ "' and exchange_rates.exchange_rate is null",
            'refund_exceeds_order': 'orders.over_refunded_order_id is not null and orders_with_refunds.order_id is null',
        }) }} as rejection_reasons
    from orders
    left join order_statuses
        on orders.status = lower(trim(order_statuses.status))
    left join exchange_rates
        on
            orders.currency = exchange_rates.currency
            and orders.order_date = exchange_rates.order_date
    left join orders_with_refunds
        on orders.over_refunded_order_id = orders_with_refunds.order_id
)

select * from judged
