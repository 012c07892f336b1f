with standing as (
    {{ standing_versions(ref('stg_customer_aliases'), ref('int_customer_alias_versions')) }}
)

select
    alias_customer_id,
    customer_id
from standing
