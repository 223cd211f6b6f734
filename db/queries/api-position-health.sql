-- Lending positions, lowest health factor first, those without debt last; each with its own current score:
-- an account's scores answer another question and are not put in its place.
-- $1 chain id bigint, null: all · $2 account id, null: all · $3 health factor below, null: any · $4 limit · $5 offset
-- Columns: as in src/api/topics/health-row.ts. Money is US dollars with 8 decimals.
-- Indexes: position_health_factor_idx or primary key; score's primary key (account_id first). Without $2 and $3 all positions
-- are read, because `total` counts them.
SELECT h.account_id AS "accountId", split_part(h.account_id, ':', 2) AS address, h.chain_id AS "chainId", h.pool,
       h.protocol, h.height::text AS height, h."timestamp", (h.health_factor_wad / 1e18)::float8 AS "healthFactor",
       (h.collateral_base / 1e8)::float8 AS "collateralUsd", (h.debt_base / 1e8)::float8 AS "debtUsd",
       (h.bad_debt_base / 1e8)::float8 AS "badDebtUsd",
       (h.debt_base / nullif(h.collateral_base, 0))::float8 AS ltv,
       (h.liquidation_threshold_bps / 1e4)::float8 AS "liquidationThreshold",
       h.liquidation_prices AS "liquidationPrices", (h.price_confidence_bps / 1e4)::float8 AS "priceConfidence",
       s.score, h.total
FROM (
  SELECT *, count(*) OVER ()::int AS total
  FROM position_health
  WHERE ($1::bigint IS NULL OR chain_id = $1::bigint)
    AND ($2::text IS NULL OR account_id = $2::text)
    AND ($3::float8 IS NULL OR health_factor_wad < ($3::float8)::numeric * 1e18)
  ORDER BY health_factor_wad, account_id, pool
  LIMIT $4::int OFFSET $5::int
) h
LEFT JOIN LATERAL (
  SELECT jsonb_build_object(
    'id', s.id, 'modelName', s.model_name, 'modelVersion', s.model_version, 'modelSha256', s.model_sha256,
    'featureHash', s.feature_hash, 'value', s.value,
    'creditScore', s.credit_score, 'horizons', s.horizons, 'height', s.height::text, 'blockHash', s.block_hash,
    'timestamp', s."timestamp", 'reasons', s.reasons, 'reasonsMethod', s.reasons_method) AS score
  FROM score s
  WHERE s.account_id = h.account_id AND s.chain_id = h.chain_id AND s.current
    AND s.subject_kind = 'position' AND s.subject_id = h.account_id || ':' || h.pool
  ORDER BY s.value DESC, s.id
  LIMIT 1
) s ON true
ORDER BY h.health_factor_wad, h.account_id, h.pool
