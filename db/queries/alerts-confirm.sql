-- Confirms the alerts whose last change has become final (an alert is never changed below the height that opened it).
-- Parameters: $1 chain id, $2 finalized height. Index: alert_chain_height_idx.
UPDATE alert SET status = 'confirmed', finality = 'final'
WHERE chain_id = $1 AND height <= $2 AND updated_height <= $2 AND status IN ('open', 'updated')
