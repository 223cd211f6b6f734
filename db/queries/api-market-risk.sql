-- Lending reserves, most borrowed first.
-- $1 chain id bigint, null: all. Columns: as in type MarketRisk of src/api/topics/market-risk.ts; US dollars.
-- Borrowers' scores and health are joined by account and pool; debt that no collateral stands behind counts as risk 1.
-- Dollars are those of the market price at the newest scoring round; null without one.
-- Reads every position of the chain once, and joins it with all health and all current scores (score_current_idx); a look-up
-- a position would read each score's history. Indexes: market_price (asset_id), primary key of asset.
SELECT m.id AS "marketId", m.chain_id AS "chainId", m.protocol, m.pool, s.symbol,
       (t.supplied * u.usd)::float8 AS "suppliedUsd", (t.borrowed * u.usd)::float8 AS "borrowedUsd",
       (t.borrowed / nullif(t.supplied, 0))::float8 AS utilization,
       (p.answer / 10::numeric ^ p.decimals)::float8 AS "priceUsd",
       p."timestamp" - make_interval(secs => p.age_sec) AS "priceUpdatedAt", p.source AS "priceSource",
       p.age_sec::float8 AS "priceAgeSec", (p.confidence_bps / 1e4)::float8 AS "priceConfidence",
       p.stale AS "priceStale", p.single_source AS "priceSingleSource",
       ((m.state ->> 'liquidationThresholdBps')::numeric / 1e4)::float8 AS "liquidationThreshold",
       t."meanScore", (t.borrowed_at_risk * u.usd)::float8 AS "debtAtRiskUsd", t.positions, t.complete
FROM market m
LEFT JOIN asset s ON s.id = m.asset_id
LEFT JOIN market_price p ON p.asset_id = m.asset_id
CROSS JOIN LATERAL (SELECT p.answer / 10::numeric ^ (p.decimals + s.decimals) AS usd) u
LEFT JOIN (
  SELECT e.market_id, sum(e.supplied_amount) AS supplied, sum(e.borrowed_amount) AS borrowed,
         sum(e.borrowed_amount) FILTER (WHERE h.health_factor_wad < 1.1e18) AS borrowed_at_risk,
         (sum(r.risk * e.borrowed_amount::float8)
           / nullif(sum(e.borrowed_amount::float8) FILTER (WHERE r.risk IS NOT NULL), 0)) AS "meanScore",
         count(*) FILTER (WHERE e.supplied_amount > 0 OR e.borrowed_amount > 0)::int AS positions,
         bool_and(e.complete) AS complete
  FROM exposure e
  JOIN market k ON k.id = e.market_id AND k.kind = 'reserve'
  LEFT JOIN position_health h ON h.account_id = e.account_id AND h.chain_id = e.chain_id AND h.pool = k.pool
  LEFT JOIN score c ON e.borrowed_amount > 0 AND c.account_id = e.account_id AND c.chain_id = e.chain_id
    AND c.subject_id = e.account_id || ':' || k.pool AND c.model_name = 'credit' AND c.current
  CROSS JOIN LATERAL (
    SELECT CASE WHEN e.borrowed_amount > 0 AND h.health_factor_wad = 0 THEN 1 ELSE c.value END AS risk
  ) r
  WHERE $1::bigint IS NULL OR e.chain_id = $1::bigint
  GROUP BY e.market_id
) g ON g.market_id = m.id
CROSS JOIN LATERAL (
  SELECT coalesce(g.supplied, 0) AS supplied, coalesce(g.borrowed, 0) AS borrowed,
         coalesce(g.borrowed_at_risk, 0) AS borrowed_at_risk, g."meanScore", coalesce(g.positions, 0) AS positions,
         m.complete AND coalesce(g.complete, true) AS complete
) t
WHERE m.kind = 'reserve' AND ($1::bigint IS NULL OR m.chain_id = $1::bigint)
ORDER BY "borrowedUsd" DESC NULLS LAST, m.id
