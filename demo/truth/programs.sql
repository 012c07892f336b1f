-- By how much each programme raises the purchase rate of its members while they are members.
select 'points_club' as program_id, $club_effect::double as purchase_rate_effect
union all
select 'plus', $plus_effect::double
