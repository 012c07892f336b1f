{{ config(materialized='incremental', incremental_strategy='replaced') }}

-- depends_on: {{ ref('int_as_of_before') }}

with orders as (
    select order_date from {{ ref('fct_orders') }}
),

as_of as (
    select
        coalesce(
            cast(nullif('{{ var("as_of_date") }}', '') as date),
            max(order_date)
        ) as as_of_date
    from orders
)

select *
from as_of
where as_of_date is not null
