-- Writes the sums of rounds. A row that is there already takes the new content.
-- Parameters: $1 rows by column names (jsonb array). Index: risk_round's primary key.
INSERT INTO risk_round
SELECT (jsonb_populate_record(NULL::risk_round, row)).* FROM jsonb_array_elements($1::jsonb) AS rows (row)
ON CONFLICT (chain_id, height) DO UPDATE SET
  id = excluded.id, round_height = excluded.round_height, block_hash = excluded.block_hash,
  "timestamp" = excluded."timestamp", mean_score = excluded.mean_score, at_risk_debt_usd = excluded.at_risk_debt_usd,
  debt_usd = excluded.debt_usd, bad_debt_usd = excluded.bad_debt_usd, positions = excluded.positions,
  at_risk_positions = excluded.at_risk_positions
