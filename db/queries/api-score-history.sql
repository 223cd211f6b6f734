-- Scores of an account over time, oldest first, the newest ones.
-- $1 account id · $2 model name, null: credit if there is such a score, else any · $3 limit
-- With several subjects at one height (positions in several pools) the riskiest counts.
-- Columns: height, timestamp, value. Index: primary key of score (account_id first).
SELECT h.height::text AS height, h."timestamp", h.value
FROM (
  SELECT s.height, max(s."timestamp") AS "timestamp", max(s.value) AS value
  FROM score s
  WHERE s.account_id = $1::text
    AND s.model_name = coalesce($2::text, (
      SELECT m.model_name FROM score m WHERE m.account_id = $1::text
      ORDER BY m.model_name = 'credit' DESC, m.model_name LIMIT 1))
  GROUP BY s.height
  ORDER BY s.height DESC
  LIMIT $3::int
) h
ORDER BY h.height
