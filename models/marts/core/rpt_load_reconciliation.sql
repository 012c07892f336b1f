{%- set tables = [
    ('orders', ref('fct_orders'), ref('quarantine_orders')),
    ('customers', ref('int_customers'), ref('quarantine_customers')),
    ('loyalty_transactions', ref('fct_loyalty_transactions'), ref('quarantine_loyalty_transactions')),
    ('loyalty_programs', ref('int_loyalty_programs'), ref('quarantine_loyalty_programs')),
] -%}

with raw_tables as (
    {% for table_name, accepted, quarantine in tables -%}
    select
        '{{ table_name }}' as table_name,
        count(*) as raw_rows
    from {{ source('raw', table_name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

accepted_tables as (
    {% for table_name, accepted, quarantine in tables -%}
    select
        '{{ table_name }}' as table_name,
        count(*) as accepted_rows,
        cast(coalesce(sum(superseded_versions), 0) as bigint) as superseded_rows
    from {{ accepted }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

quarantine_tables as (
    {% for table_name, accepted, quarantine in tables -%}
    select
        '{{ table_name }}' as table_name,
        count(*) as quarantined_rows
    from {{ quarantine }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

reconciled as (
    select
        raw_tables.table_name,
        raw_tables.raw_rows,
        accepted_tables.accepted_rows,
        accepted_tables.superseded_rows,
        quarantine_tables.quarantined_rows
    from raw_tables
    inner join accepted_tables
        on raw_tables.table_name = accepted_tables.table_name
    inner join quarantine_tables
        on raw_tables.table_name = quarantine_tables.table_name
)

select * from reconciled
