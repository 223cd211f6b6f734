-- Current scores of a model on a chain, with the account's age and the debt of a position. Where there are more than $4, an
-- arbitrary but fixed part: in the order of the vectors' hashes, which have nothing to do with what is in them.
-- Parameters: $1 chain id, $2 model name, $3 SHA-256, $4 limit.
-- Result: features, value, ageDays, debtUsd (null where unknown). Index: score_current_idx, primary keys.
SELECT s.features, s.value, extract(epoch FROM s."timestamp" - a.first_timestamp)::float8 / 86400 AS "ageDays",
       (h.debt_base / 1e8)::float8 AS "debtUsd"
FROM (
  SELECT * FROM score_row WHERE chain_id = $1 AND model_name = $2 AND model_sha256 = $3 AND current
  ORDER BY feature_hash LIMIT $4
) s
LEFT JOIN account a ON a.id = s.account_id
LEFT JOIN position_health h ON h.account_id = s.account_id AND h.chain_id = s.chain_id AND h.id = s.subject_id
