-- Thins the sums of old rounds to those that a scorer far behind the head would have computed.
-- Parameters: $1 chain id, $2 height before the range, $3 last height, $4 kept multiple.
-- Index: risk_round_due_idx (chain_id, round_height).
DELETE FROM risk_round
WHERE chain_id = $1 AND round_height > $2 AND round_height <= $3 AND round_height % $4::bigint <> 0
