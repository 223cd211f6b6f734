-- The chain's writer epoch under a row lock: a processor that starts anew, or a removal of the chain, waits for it.
-- Batches of the running processor do not touch the row, so neither waits for the other.
-- Parameters: $1 chain id. Result: epoch. Index: chain_writer's primary key.
SELECT epoch::bigint FROM chain_writer WHERE chain_id = $1 FOR SHARE
