-- Drops the undo journal of blocks above a height (they were undone).
-- Parameters: $1 chain id, $2 height that remains. Index: alert_journal's primary key.
DELETE FROM alert_journal WHERE chain_id = $1 AND height > $2
