{% macro is_entry_used(transaction_type, expiry_mode) -%}
    ({{ transaction_type }} <> 'expire' or {{ expiry_mode }} <> 'computed')
{%- endmacro %}
