{#- The reasons for which a row is rejected: one text, sorted, comma-separated, NULL where there
    are none. Few rows have two, so only those pay for the sorting. -#}
{% macro rejection_reasons(earlier, reasons) -%}
    {%- set joined -%}
        concat_ws(
            ',',
            {{ earlier }}
            {%- for reason, condition in reasons.items() %},
            case when {{ condition }} then '{{ reason }}' end
            {%- endfor %}
        )
    {%- endset -%}
    case
        when {{ joined }} like '%,%' then {{ sort_reasons(joined) }}
        else nullif({{ joined }}, '')
    end
{%- endmacro %}
