-- Scores of positions whose horizon is over by the newest block, one a subject and day, and whether a liquidation of the
-- account in that pool followed within it. Where there are more than $5, the newest.
-- Parameters: $1 chain id, $2 model name, $3 SHA-256, $4 horizon in days, $5 limit. Result: value, hit.
-- Index: score_height_idx for the chain's scores; lending_event_account_idx or the primary key for what followed.
SELECT s.value, EXISTS (
  SELECT 1 FROM lending_event e
  WHERE e.chain_id = $1 AND e.account_id = s.account_id AND e.kind = 'liquidation' AND e.verified
    AND e."timestamp" > s."timestamp" AND e."timestamp" <= s."timestamp" + make_interval(days => $4)
    AND (e.market_id IS NULL OR split_part(e.market_id, ':', 2) = split_part(s.subject_id, ':', 3))
) AS hit
FROM (
  SELECT DISTINCT ON (subject_id, date_trunc('day', "timestamp")) account_id, subject_id, value, "timestamp"
  FROM score_row
  WHERE chain_id = $1 AND model_name = $2 AND model_sha256 = $3
    AND "timestamp" <= (SELECT head_timestamp FROM chain WHERE chain_id = $1) - make_interval(days => $4)
  ORDER BY subject_id, date_trunc('day', "timestamp"), height
) s
ORDER BY s."timestamp" DESC
LIMIT $5
