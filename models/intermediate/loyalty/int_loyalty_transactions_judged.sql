{{ config(materialized='increment') }}

-- depends_on: {{ ref('int_touched_loyalty_transactions') }}

-- Points worth 10^13 and more are a number of another column: as with orders, what no decimal(18,4) holds is rejected,
-- where their value would stop the build.

with loyalty_transactions as (
    {%- if is_batch() %}
    {{ raw_rows_of_keys(
        'stg_loyalty_transactions',
        'loyalty_transactions',
        key='loyalty_transaction_id',
        touched='select loyalty_transaction_id from ' ~ ref('int_touched_loyalty_transactions'),
        known_from=['fct_loyalty_transactions', 'int_loyalty_transaction_versions']
    ) }}
    {%- else %}
    select * from {{ ref('stg_loyalty_transactions') }}
    {%- endif %}
),

loyalty_programs as (
    select
        program_id,
        program_type,
        point_value
    from {{ ref('int_loyalty_programs') }}
),

judged as (
    select
        loyalty_transactions.*,
        {{ rejection_reasons('loyalty_transactions.row_rejection_reasons', {
            'non_positive_points': "loyalty_transactions.transaction_type <> 'adjust' and ("
                ~ "loyalty_transactions.points < 0 or (loyalty_transactions.points = 0 and not ("
                ~ "loyalty_transactions.transaction_type = 'redeem' and ("
                ~ "coalesce(loyalty_transactions.reward_type, '') = 'experiential' "
                ~ "or coalesce(loyalty_programs.program_type, '') = 'experiential'))))",
            'unparseable_points': 'abs(cast(loyalty_transactions.points as double)) * cast(coalesce('
                ~ 'loyalty_programs.point_value, ' ~ var('point_value') ~ ') as double) >= 1e13',
        }) }} as rejection_reasons
    from loyalty_transactions
    left join loyalty_programs
        on loyalty_transactions.program_id = loyalty_programs.program_id
)

select * from judged
