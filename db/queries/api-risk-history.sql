-- The newest scoring rounds of all chains, oldest first.
-- $1 limit. At risk: health factor below 1.1. Columns: time, height, chainId, meanScore, atRiskPositions, atRiskDebtUsd.
-- Index: risk_round's primary key (chain_id, height).
SELECT h."timestamp" AS time, h.height::text AS height, h.chain_id AS "chainId", h.mean_score AS "meanScore",
       h.at_risk_positions AS "atRiskPositions", h.at_risk_debt_usd AS "atRiskDebtUsd"
FROM (
  SELECT r.*
  FROM chain c,
  LATERAL (SELECT * FROM risk_round WHERE chain_id = c.chain_id ORDER BY height DESC LIMIT $1::int) r
  ORDER BY r."timestamp" DESC, r.chain_id
  LIMIT $1::int
) h
ORDER BY h."timestamp", h.chain_id
