{{ config(materialized='increment') }}

with customers as (
    select * from {{ ref('stg_customers') }}
),

arrived as (
    {%- if is_batch() %}
    select *
    from customers
    where row_key in (
        select row_key
        from {{ ref('stg_customers') }}
        where {{ is_new('customers') }}
    )
    union all
    select *
    from customers
    where row_key is null
    {%- else %}
    select * from customers
    {%- endif %}
)

select * from arrived
