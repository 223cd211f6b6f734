-- Moves a transaction on. Parameters: $1 id, $2 status (pending | mined | final | failed | replaced).
-- No result. Index: primary key.
UPDATE oracle_transaction SET status = $2 WHERE id = $1 AND status <> $2
