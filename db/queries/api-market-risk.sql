-- Lending reserves, most borrowed first.
-- $1 chain id bigint, null: all. Columns: as in type MarketRisk of src/api/topics/market-risk.ts; US dollars.
-- Borrowers' scores and health are joined by account and pool; debt that no collateral stands behind counts as risk 1.
-- Dollars are those of the market price at the newest scoring round; null without one.
-- Indexes: position (market_id); market_price (asset_id); primary keys of position_health and score (account_id first).
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
CROSS JOIN LATERAL (
  SELECT coalesce(sum(e.supplied_amount), 0) AS supplied, coalesce(sum(e.borrowed_amount), 0) AS borrowed,
         coalesce(sum(e.borrowed_amount) FILTER (WHERE h.health_factor_wad < 1.1e18), 0) AS borrowed_at_risk,
         (sum(r.risk * e.borrowed_amount::float8)
           / nullif(sum(e.borrowed_amount::float8) FILTER (WHERE r.risk IS NOT NULL), 0)) AS "meanScore",
         count(*) FILTER (WHERE e.supplied_amount > 0 OR e.borrowed_amount > 0)::int AS positions,
         m.complete AND coalesce(bool_and(e.complete), true) AS complete
  FROM exposure e
  LEFT JOIN position_health h ON h.account_id = e.account_id AND h.chain_id = e.chain_id AND h.pool = m.pool
  LEFT JOIN score c ON e.borrowed_amount > 0 AND c.account_id = e.account_id AND c.chain_id = e.chain_id
    AND c.subject_id = e.account_id || ':' || m.pool AND c.model_name = 'liquidation' AND c.current
  CROSS JOIN LATERAL (
    SELECT CASE WHEN e.borrowed_amount > 0 AND h.health_factor_wad = 0 THEN 1 ELSE c.value END AS risk
  ) r
  WHERE e.market_id = m.id AND e.chain_id = m.chain_id
) t
WHERE m.kind = 'reserve' AND ($1::bigint IS NULL OR m.chain_id = $1::bigint)
ORDER BY "borrowedUsd" DESC NULLS LAST, m.id
