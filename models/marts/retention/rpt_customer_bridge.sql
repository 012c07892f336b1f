{%- set steps = [
    ('repeat_customers', 'reading', 'repeat_customers'),
    ('returning_with_one_order', 'difference', 'returning_with_one_order'),
    ('repeat_customers_to_date', 'reading', 'repeat_customers_to_date'),
    ('new_with_several_orders', 'difference', '-new_with_several_orders'),
    ('returning_customers', 'reading', 'active_customers - new_customers'),
] -%}

with retention as (
    select * from {{ ref('int_retention_by_period') }}
    where segment_type = 'all'
),

steps as (
    {% for step, step_type, customers in steps -%}
    select
        period_grain,
        '{{ step }}' as step,
        '{{ step_type }}' as step_type,
        period_start,
        period_end,
        is_complete,
        cast({{ loop.index }} as bigint) as step_number,
        cast({{ customers }} as bigint) as customers,
        cast(active_customers as bigint) as active_customers
    from retention
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

rated as (
    select
        *,
        {{ ratio('customers', 'active_customers') }} as rate
    from steps
)

select * from rated
