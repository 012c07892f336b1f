{{ config(materialized='increment') }}

-- All versions of the customers of whom a row has arrived.

with arrived as (
    {%- if is_batch() %}
    {{ raw_rows_of_keys(
        'stg_customers',
        'customers',
        key='customer_id',
        touched='select customer_id from ' ~ ref('stg_customers') ~ ' where ' ~ is_new('customers'),
        known_from=['int_customers', 'int_customer_versions']
    ) }}
    {%- else %}
    select * from {{ ref('stg_customers') }}
    {%- endif %}
)

select * from arrived
