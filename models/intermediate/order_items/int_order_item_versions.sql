with versions as (
    {{ repeated_versions(ref('int_order_items_judged'), key=['order_id', 'line_number']) }}
)

select * from versions
