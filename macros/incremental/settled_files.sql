{#- All files, or none of them: a file that is so new that it may be written again within the second, which its time would
    not tell, is not to be stood on. -#}
{% macro settled_files(files) -%}
    {%- for details in files.values() if details.modified_at >= run_started_at.replace(tzinfo=none) - modules.datetime.timedelta(seconds=2) -%}
        {{ return([]) }}
    {%- endfor -%}
    {{ return(files.keys() | list) }}
{%- endmacro %}
