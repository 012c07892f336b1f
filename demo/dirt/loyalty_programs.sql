select 'unknown_program_type' as dirt_kind, 'quarantined' as outcome, 'unknown_program_type' as rejection_reasons,
    * replace ('raffle' as program_id, 'Raffle' as program_name, 'lottery' as program_type)
from loyalty_programs
where program_id = 'points_club'
union all
select 'missing_program', 'quarantined', 'missing_program_id', * replace (null as program_id)
from loyalty_programs
where program_id = 'points_club'
