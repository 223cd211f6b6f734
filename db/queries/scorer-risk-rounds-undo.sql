-- Deletes the sums of undone rounds.
-- Parameters: $1 chain id, $2 height that remains. Index: risk_round's primary key.
DELETE FROM risk_round WHERE chain_id = $1 AND height > $2
