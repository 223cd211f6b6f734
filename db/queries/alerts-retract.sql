-- Retracts the alerts of orphaned blocks; their labels ask to be removed. Nothing is deleted.
-- Parameters: $1 chain id, $2 height that remains.
-- Index: alert_chain_height_idx.
UPDATE alert SET
  status = 'retracted', retracted_at = clock_timestamp(),
  labels = coalesce((SELECT jsonb_agg(l || '{"remove": true}') FROM jsonb_array_elements(labels) AS l), '[]')
WHERE chain_id = $1 AND height > $2 AND status <> 'retracted'
