with orders as (
    select order_date from {{ ref('fct_orders') }}
),

as_of as (
    select
        {% if var('as_of_date') -%}
            cast('{{ var("as_of_date") }}' as date) as as_of_date
        {%- else -%}
            max(order_date) as as_of_date
        {%- endif %}
    from orders
)

select distinct as_of_date
from as_of
where as_of_date is not null
