-- Drops the undo journal of blocks that are final and will never be undone.
-- Parameters: $1 chain id, $2 finalized height. Index: alert_journal's primary key.
DELETE FROM alert_journal WHERE chain_id = $1 AND height <= $2
