-- Writes the scores of rounds. A row that is there already keeps its place and takes the new content.
-- Parameters: $1 rows by column names (jsonb array). Index: score's primary key.
INSERT INTO score
SELECT (jsonb_populate_record(NULL::score, row)).* FROM jsonb_array_elements($1::jsonb) AS rows (row)
ON CONFLICT (account_id, chain_id, subject_id, model_name, height) DO UPDATE SET
  id = excluded.id, model_version = excluded.model_version, model_sha256 = excluded.model_sha256,
  feature_hash = excluded.feature_hash, features = excluded.features, block_hash = excluded.block_hash,
  "timestamp" = excluded."timestamp", as_of = excluded.as_of, value = excluded.value,
  credit_score = excluded.credit_score, horizons = excluded.horizons, reasons = excluded.reasons,
  reasons_method = excluded.reasons_method, current = excluded.current
