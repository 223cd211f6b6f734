-- The newest scoring rounds of all chains, oldest first.
-- $1 limit. At risk: health factor below 1.1, read from the feature logHealthFactor of each liquidation score.
-- Debt at risk is the at-risk accounts' scaled debt × borrow index × protocol price, each as of the round's block.
-- Columns: time, height, chainId, meanScore, atRiskPositions, atRiskDebtUsd (null when a price or index is unknown).
-- Indexes: score_height_idx; primary keys of position_version, market_version; price_version (asset_id, …).
WITH round AS (
  SELECT r.chain_id, r.height
  FROM chain c,
  LATERAL (
    SELECT DISTINCT s.chain_id, s.height FROM score s
    WHERE s.chain_id = c.chain_id ORDER BY s.height DESC LIMIT $1::int
  ) r
), scored AS (
  SELECT s.chain_id, s.height, s.account_id, s.value, s."timestamp",
         (s.features ->> 'logHealthFactor')::float8 < ln(1.1) AS "atRisk"
  FROM round r
  JOIN score s ON s.chain_id = r.chain_id AND s.height = r.height AND s.model_name = 'liquidation'
), debt AS (
  SELECT a.chain_id, a.height,
         bool_and(d.usd IS NOT NULL) AS known, sum(d.usd) AS usd
  FROM (SELECT DISTINCT chain_id, height, account_id FROM scored WHERE "atRisk") a,
  LATERAL (
    SELECT DISTINCT ON (v.market_id) v.market_id, v.scaled_debt FROM position_version v
    WHERE v.account_id = a.account_id AND v.chain_id = a.chain_id AND v.valid_from_block <= a.height
    ORDER BY v.market_id, v.valid_from_block DESC
  ) p,
  LATERAL (
    SELECT p.scaled_debt * (
      SELECT (mv.state ->> 'borrowIndexRay')::numeric FROM market_version mv
      WHERE mv.chain_id = a.chain_id AND mv.market_id = p.market_id AND mv.valid_from_block <= a.height
      ORDER BY mv.valid_from_block DESC LIMIT 1
    ) / 1e27 * (
      SELECT pv.answer / 10::numeric ^ (pv.decimals + asset.decimals) FROM price_version pv
      JOIN asset ON asset.id = pv.asset_id
      WHERE pv.asset_id = (SELECT asset_id FROM market WHERE id = p.market_id)
        AND pv.kind = 'protocol' AND pv.valid_from_block <= a.height
      ORDER BY pv.valid_from_block DESC LIMIT 1
    ) AS usd
  ) d
  WHERE p.scaled_debt > 0
  GROUP BY a.chain_id, a.height
)
SELECT h."timestamp" AS time, h.height::text AS height, h.chain_id AS "chainId", h."meanScore", h."atRiskPositions",
       CASE WHEN h."atRiskPositions" = 0 THEN 0 WHEN d.known THEN d.usd END::float8 AS "atRiskDebtUsd"
FROM (
  SELECT s.chain_id, s.height, max(s."timestamp") AS "timestamp", avg(s.value) AS "meanScore",
         count(*) FILTER (WHERE s."atRisk")::int AS "atRiskPositions"
  FROM scored s
  GROUP BY s.chain_id, s.height
  ORDER BY max(s."timestamp") DESC, s.chain_id
  LIMIT $1::int
) h
LEFT JOIN debt d ON d.chain_id = h.chain_id AND d.height = h.height
ORDER BY h."timestamp", h.chain_id
