-- Gives alerts that began at or below a height, and were changed above it, back the row they had at that height.
-- Parameters: $1 chain id, $2 height that remains.
-- Index: primary keys of alert_journal (chain_id, height, alert_id) and alert.
WITH before AS (
  SELECT DISTINCT ON (j.alert_id) j.alert_id, j.old
  FROM alert_journal j
  WHERE j.chain_id = $1 AND j.height > $2
  ORDER BY j.alert_id, j.height
), image AS (
  SELECT (jsonb_populate_record(NULL::alert, old)).* FROM before WHERE old IS NOT NULL
)
UPDATE alert a SET
  alert_id = i.alert_id, name = i.name, description = i.description, severity = i.severity, type = i.type,
  addresses = i.addresses, labels = i.labels, status = i.status, stage = i.stage, finality = i.finality,
  occurrences = i.occurrences, probability = i.probability, reasons = i.reasons, model_sha256 = i.model_sha256,
  usd_at_risk = i.usd_at_risk, affected_markets = i.affected_markets, updated_height = i.updated_height,
  updated_timestamp = i.updated_timestamp
FROM image i WHERE a.id = i.id
