{%- set tables = [
    ('orders', 'fct_orders', 'int_order_versions'),
    ('refunds', 'fct_refunds', 'int_refund_versions'),
    ('customers', 'int_customers', 'int_customer_versions'),
    ('customer_aliases', 'int_customer_aliases', 'int_customer_alias_versions'),
    ('exchange_rates', 'int_exchange_rates', 'int_exchange_rate_versions'),
    ('loyalty_transactions', 'fct_loyalty_transactions', 'int_loyalty_transaction_versions'),
    ('loyalty_programs', 'int_loyalty_programs', 'int_loyalty_program_versions'),
    ('loyalty_memberships', 'int_loyalty_memberships', 'int_loyalty_membership_versions'),
    ('redemption_estimates', 'int_redemption_estimates', 'int_redemption_estimate_versions'),
    ('order_items', 'fct_order_items', 'int_order_item_versions'),
] -%}

with raw_row_counts as (
    select * from {{ ref('int_raw_row_counts') }}
),

counted as (
    {% for table_name, accepted, versions in tables -%}
    select
        '{{ table_name }}' as table_name,
        (select count(*) from {{ ref(accepted) }}) as accepted_rows,
        (
            select count(*)
            from {{ ref(versions) }}
            where version_number > 1
        ) as superseded_rows,
        (select count(*) from {{ ref('quarantine_' ~ table_name) }}) as quarantined_rows
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

reconciled as (
    select
        raw_row_counts.table_name,
        raw_row_counts.raw_rows,
        counted.accepted_rows,
        counted.superseded_rows,
        counted.quarantined_rows
    from raw_row_counts
    left join counted
        on raw_row_counts.table_name = counted.table_name
)

select * from reconciled
