-- Each account that was merged away, sixteen merges further.

{{ follow_aliases(ref('int_customer_alias_steps')) }}
