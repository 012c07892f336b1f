{#- Every row satisfies every identity, a mapping of a name to a boolean expression. Unknown is a
    failure: an expression says itself where NULL is right. All identities of a table are checked in
    one scan, and only failing rows are given names. A column whose name is a word of SQL is `tested.<name>`. -#}
{% test identity_holds(model, identities) %}

with tested as (
    select * from {{ model }}
)

select
    *,
    concat_ws(
        ', '
        {%- for name, expression in identities.items() %},
        case when not coalesce({{ expression }}, false) then '{{ name }}' end
        {%- endfor %}
    ) as broken_identities
from tested
where
    {%- for expression in identities.values() %}
    {{ 'or ' if not loop.first }}not coalesce({{ expression }}, false)
    {%- endfor %}

{% endtest %}
