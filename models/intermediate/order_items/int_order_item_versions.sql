with versions as (
    {{ versions_in_doubt(ref('int_order_items_judged'), key=['order_id', 'line_number']) }}
)

select * from versions
