-- Customers are grouped by one small number instead of several words; int_segments tells which
-- segments a combination belongs to.

{%- set segments = var('segments') %}

with customers as (
    select * from {{ ref('dim_customers') }}
),

combinations as (
    select distinct
        {%- for segment in segments %}
        coalesce(cast({{ segment }} as {{ dbt.type_string() }}), 'unknown') as {{ segment }},
        {%- endfor %}
        true as is_known
    from customers
    union distinct
    -- Of the orders that have no customer.
    select
        {%- for segment in segments %}
        'unknown' as {{ segment }},
        {%- endfor %}
        true as is_known
    {%- if is_batch() %}
    union distinct
    -- Nobody may have it any more, and changes are still to be taken off it.
    select
        {%- for segment in segments %}
        {{ segment }},
        {%- endfor %}
        true as is_known
    from {{ this }}
    {%- endif %}
),

numbered as (
    select
        {%- for segment in segments %}
        {{ segment }},
        {%- endfor %}
        {{ surrogate_number(segments or ['is_known']) }} as segment_combination
    from combinations
)

select * from numbered
