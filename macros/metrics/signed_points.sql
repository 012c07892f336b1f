{% macro signed_points(transaction_type, points) -%}
    case
        when {{ transaction_type }} in ('redeem', 'expire', 'cancel_earn') then -{{ points }}
        else {{ points }}
    end
{%- endmacro %}
