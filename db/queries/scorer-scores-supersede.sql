-- Takes `current` from the scores of subjects that are about to get newer ones.
-- Parameters: $1 chain id, $2 subject ids (text[]), $3 model names (text[]), pairwise.
-- Index: score_subject_idx (subject_id, model_name, height).
UPDATE score s SET current = false
FROM unnest($2::text[], $3::text[]) AS newer (subject_id, model_name)
WHERE s.chain_id = $1 AND s.subject_id = newer.subject_id AND s.model_name = newer.model_name AND s.current
