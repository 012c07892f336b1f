{#- The reasons for which a row is rejected: one text, sorted, comma-separated, NULL where there
    are none. The text is made for rejected rows only: making it for all costs a third of a scan. -#}
{% macro rejection_reasons(earlier, reasons) -%}
    case
        when
            {{ earlier }} is not null
            {%- for condition in reasons.values() %}
            or ({{ condition }})
            {%- endfor %}
            then {% set joined -%}
                concat_ws(
                    ',',
                    {{ earlier }}
                    {%- for reason, condition in reasons.items() %},
                    case when {{ condition }} then '{{ reason }}' end
                    {%- endfor %}
                )
            {%- endset -%}
            {{ sort_reasons(joined) }}
    end
{%- endmacro %}
