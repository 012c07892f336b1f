{{ config(alias='orders') }}

with judged as (
    select * from {{ ref('int_orders_judged') }}
)

select *
from judged
where rejection_reasons is not null
