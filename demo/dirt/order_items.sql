with first_lines as (
    select *
    from order_items
    where order_id like '%-001' and line_number = 1
)

select 'no_units' as dirt_kind, 'quarantined' as outcome, 'non_positive_quantity' as rejection_reasons,
    * replace (91 as line_number, 0 as quantity, 0 as discount_amount)
from first_lines
where is_chosen(order_id, 'no_units', $dirt_interval)
union all
select 'negative_units', 'quarantined', 'non_positive_quantity',
    * replace (92 as line_number, -1 as quantity, 0 as discount_amount)
from first_lines
where is_chosen(order_id, 'negative_units', $dirt_interval)
union all
select 'missing_product', 'quarantined', 'missing_product_id',
    * replace (93 as line_number, null as product_id, 0 as discount_amount)
from first_lines
where is_chosen(order_id, 'missing_product', $dirt_interval)
union all
select 'exact_duplicate', 'superseded', null, *
from first_lines
where is_chosen(order_id, 'exact_duplicate', $dirt_interval)
