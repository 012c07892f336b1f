-- Judged by the refund's own row alone: whether its order is accepted is not known yet.

select distinct order_id
from {{ ref('stg_refunds') }}
where row_rejection_reasons is null
