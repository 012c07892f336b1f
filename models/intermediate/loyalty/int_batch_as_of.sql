{{ config(materialized='increment') }}

-- From where to where as_of moved, back or on; the whole of time where there was none before, or is none now.

-- depends_on: {{ ref('int_as_of') }}
-- depends_on: {{ ref('int_as_of_before') }}

{%- if is_batch() %}

select
    case when count(*) = 2 then min(as_of_date) else date '0001-01-01' end as from_date,
    case when count(*) = 2 then max(as_of_date) else date '9999-01-01' end as to_date
from (
    select as_of_date from {{ ref('int_as_of') }}
    union all
    select as_of_date from {{ ref('int_as_of_before') }}
) as days
{%- else %}

select
    as_of_date as from_date,
    as_of_date as to_date
from {{ ref('int_as_of') }}
where false
{%- endif %}
