-- An entry takes from a lot once in each way; a lapse has no entry, and what no lot covers no lot. A batch looks at its
-- customers.

select
    lot_loyalty_transaction_id,
    use_loyalty_transaction_id,
    use_type,
    count(*) as lot_uses
from {{ ref('int_point_lot_uses') }}
where {{ is_touched('customer_id', ref('int_batch_lot_customers')) }}
group by 1, 2, 3
having count(*) > 1
