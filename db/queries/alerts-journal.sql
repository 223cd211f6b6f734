-- Remembers what alerts were before a block changed them, so that the block can be undone.
-- Parameters: $1 chain id, $2 rows (jsonb array of {height, alert_id, old}); old is null when the block made the alert.
-- Index: alert_journal's primary key.
INSERT INTO alert_journal (chain_id, height, alert_id, old)
SELECT $1, (row ->> 'height')::bigint, row ->> 'alert_id', nullif(row -> 'old', 'null')
FROM jsonb_array_elements($2::jsonb) AS rows (row)
ON CONFLICT (chain_id, height, alert_id) DO NOTHING
