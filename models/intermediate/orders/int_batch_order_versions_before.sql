{{ config(materialized='increment') }}

-- Rows in doubt of touched orders, as they stood before this run; no rows where everything is built anew.

-- depends_on: {{ ref('int_order_exchange_rates') }}
-- depends_on: {{ ref('int_touched_orders') }}

{%- if is_batch() %}

select
    order_id,
    order_date,
    subtotal_amount,
    exchange_rate,
    rejection_reasons,
    version_number
from {{ as_it_stood('int_order_versions') }}
where
    (order_id is null and {{ are_keyless_rows_read('orders') }})
    or order_id in (select order_id from {{ ref('int_touched_orders') }})
{%- else %}

select order_id
from {{ ref('stg_orders') }}
where false
{%- endif %}
