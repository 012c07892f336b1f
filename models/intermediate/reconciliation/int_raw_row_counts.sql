{%- set tables = [
    'orders', 'order_items', 'refunds', 'customers', 'customer_aliases', 'exchange_rates', 'loyalty_transactions',
    'loyalty_programs', 'loyalty_memberships', 'redemption_estimates',
] -%}

with counted as (
    {% for table_name in tables -%}
    select
        '{{ table_name }}' as table_name,
        count(*) as raw_rows
    from {{ ref('stg_' ~ table_name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from counted
