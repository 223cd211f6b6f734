-- Inserts alerts, updates known ones and revives retracted ones whose block came back.
-- Parameters: $1 rows by column names (jsonb array) without the wall-clock columns.
-- Index: alert's primary key.
INSERT INTO alert
SELECT (jsonb_populate_record(NULL::alert, row || jsonb_build_object('detected_at', clock_timestamp()))).*
FROM jsonb_array_elements($1::jsonb) AS rows (row)
ON CONFLICT (id) DO UPDATE SET
  alert_id = excluded.alert_id, name = excluded.name, description = excluded.description,
  severity = excluded.severity, type = excluded.type, addresses = excluded.addresses, labels = excluded.labels,
  status = excluded.status, stage = excluded.stage, finality = excluded.finality,
  occurrences = excluded.occurrences, probability = excluded.probability, reasons = excluded.reasons,
  model_sha256 = excluded.model_sha256, usd_at_risk = excluded.usd_at_risk,
  affected_markets = excluded.affected_markets, updated_height = excluded.updated_height,
  updated_timestamp = excluded.updated_timestamp, retracted_at = NULL
