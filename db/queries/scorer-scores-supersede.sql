-- Takes `current` from the scores of subjects that are about to get newer ones.
-- Parameters: $1 chain id, $2 model name, $3 account ids (text[]), $4 subject ids (text[]), pairwise.
-- Index: score_row's primary key (account_id, chain_id, subject_id, model_name, height).
UPDATE score_row s SET current = false
FROM unnest($3::text[], $4::text[]) AS newer (account_id, subject_id)
WHERE s.account_id = newer.account_id AND s.chain_id = $1 AND s.subject_id = newer.subject_id AND s.model_name = $2
  AND s.current
