-- Deletes the scores of undone blocks and makes the newest remaining score of each subject and model current again.
-- Parameters: $1 chain id, $2 height that remains.
-- Result: number of deleted scores. Index: score_height_idx, then score_row's primary key.
WITH gone AS (
  DELETE FROM score_row WHERE chain_id = $1 AND height > $2 RETURNING account_id, subject_id, model_name
), newest AS (
  SELECT s.account_id, s.subject_id, s.model_name, s.height
  FROM (SELECT DISTINCT account_id, subject_id, model_name FROM gone) AS g
  CROSS JOIN LATERAL (
    SELECT account_id, subject_id, model_name, height FROM score_row s
    WHERE s.account_id = g.account_id AND s.chain_id = $1 AND s.subject_id = g.subject_id AND s.model_name = g.model_name AND s.height <= $2
    ORDER BY s.height DESC LIMIT 1
  ) AS s
), restored AS (
  UPDATE score_row s SET current = true FROM newest n
  WHERE s.account_id = n.account_id AND s.chain_id = $1 AND s.subject_id = n.subject_id
    AND s.model_name = n.model_name AND s.height = n.height AND NOT s.current
  RETURNING 1
)
SELECT (SELECT count(*) FROM gone)::int AS deleted, (SELECT count(*) FROM restored)::int AS restored
