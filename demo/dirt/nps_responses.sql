-- About one person in ten answers.
select 'score_above_ten' as dirt_kind, 'quarantined' as outcome, 'invalid_score' as rejection_reasons,
    * replace (response_id || '-eleven' as response_id, '11' as score)
from nps_responses
where is_chosen(customer_id, 'score_above_ten', $dirt_interval / 10)
union all
select 'score_in_words', 'quarantined', 'unparseable_score',
    * replace (response_id || '-words' as response_id, 'ten' as score)
from nps_responses
where is_chosen(customer_id, 'score_in_words', $dirt_interval / 10)
union all
select 'missing_score', 'quarantined', 'missing_score',
    * replace (response_id || '-none' as response_id, '' as score)
from nps_responses
where is_chosen(customer_id, 'missing_score', $dirt_interval / 10)
