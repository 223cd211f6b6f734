-- Replaces the market prices of a chain by those of the newest round.
-- Parameters: $1 chain id, $2 rows by column names (jsonb array).
-- Index: market_price's primary key (chain_id, asset_id).
WITH rows AS (
  SELECT (jsonb_populate_record(NULL::market_price, row)).* FROM jsonb_array_elements($2::jsonb) AS r (row)
), gone AS (
  DELETE FROM market_price m WHERE m.chain_id = $1
    AND NOT EXISTS (SELECT 1 FROM rows WHERE rows.asset_id = m.asset_id)
)
INSERT INTO market_price SELECT * FROM rows
ON CONFLICT (chain_id, asset_id) DO UPDATE SET
  id = excluded.id, height = excluded.height, block_hash = excluded.block_hash, "timestamp" = excluded."timestamp",
  answer = excluded.answer, decimals = excluded.decimals, source = excluded.source, age_sec = excluded.age_sec,
  confidence_bps = excluded.confidence_bps, stale = excluded.stale, single_source = excluded.single_source,
  sources = excluded.sources
