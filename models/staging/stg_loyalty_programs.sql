-- begin_batch reads this view as the last run left it, by now maybe in a file of another name: it names no database.

with loyalty_programs as (
    select * from {{ source('raw', 'loyalty_programs').include(database=false) }}
),

judged as (
    select
        program_id,
        program_name,
        program_type,
        delivery,
        point_value,
        points_expire_after_days,
        expected_redemption_rate,
        partner_cost_share,
        updated_at,
        _loaded_at,
        row_key,
        raw_row,
        {{ rejection_reasons('cell_rejection_reasons', {
            'negative_amount': 'least(coalesce(point_value, 0), coalesce(expected_redemption_rate, 0), '
                ~ 'coalesce(partner_cost_share, 0)) < 0',
            'unparseable_expected_redemption_rate': 'expected_redemption_rate > 1',
            'unparseable_partner_cost_share': 'partner_cost_share > 1',
            'unknown_program_type': "program_type not in ('points', 'discount', 'tiered', 'coalition', "
                ~ "'experiential', 'cashback', 'subscription', 'referral')",
        }) }} as rejection_reasons
    from loyalty_programs
)

select * from judged
