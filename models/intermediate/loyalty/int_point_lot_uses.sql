{{ config(
    materialized='view',
    meta={'touched': {'customer_id': 'int_batch_lot_customers'}},
    post_hook='{{ log_lot_orders() }}'
) }}

-- Like the ledger it does not move with as_of.

with lot_uses as (
    select
        *,
        'closed_form' as lot_order
    from {{ ref('int_point_lot_uses_closed_form').include(database=false) }}
    union all
    select
        *,
        'folded' as lot_order
    from {{ ref('int_point_lot_uses_folded').include(database=false) }}
)

select * from lot_uses
