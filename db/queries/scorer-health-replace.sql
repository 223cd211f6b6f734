-- Replaces the health of every position of a chain by that of the newest round.
-- Parameters: $1 chain id, $2 rows by column names (jsonb array).
-- Index: position_health's primary key (account_id, chain_id, pool).
WITH rows AS (
  SELECT (jsonb_populate_record(NULL::position_health, row)).* FROM jsonb_array_elements($2::jsonb) AS r (row)
), gone AS (
  DELETE FROM position_health h WHERE h.chain_id = $1
    AND NOT EXISTS (SELECT 1 FROM rows WHERE rows.account_id = h.account_id AND rows.pool = h.pool)
)
INSERT INTO position_health SELECT * FROM rows
ON CONFLICT (account_id, chain_id, pool) DO UPDATE SET
  id = excluded.id, protocol = excluded.protocol, height = excluded.height, block_hash = excluded.block_hash,
  "timestamp" = excluded."timestamp", health_factor_wad = excluded.health_factor_wad,
  collateral_base = excluded.collateral_base, debt_base = excluded.debt_base, bad_debt_base = excluded.bad_debt_base,
  liquidation_threshold_bps = excluded.liquidation_threshold_bps, ltv_bps = excluded.ltv_bps,
  liquidation_prices = excluded.liquidation_prices, price_confidence_bps = excluded.price_confidence_bps
