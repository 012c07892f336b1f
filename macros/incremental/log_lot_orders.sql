{#- After int_point_lot_uses: how many members' points were followed in which way, in one line. -#}
{% macro log_lot_orders() -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {%- set members = run_query(
            "select count(*) filter (where lot_order = 'closed_form') as closed_form, "
            ~ "count(*) filter (where lot_order = 'folded') as folded "
            ~ 'from (select distinct lot_order, customer_id, program_id from ' ~ this
            ~ ' where ' ~ is_touched('customer_id', as_it_stood('int_batch_lot_customers')) ~ ') as members'
        ).rows[0] -%}
        {%- do log(
            'Lots of points: ' ~ members['closed_form'] ~ ' members in closed form, ' ~ members['folded'] ~ ' folded.', info=true
        ) -%}
    {%- endif -%}
{%- endmacro %}
