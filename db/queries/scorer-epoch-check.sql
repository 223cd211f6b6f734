-- The chain's writer epoch under a row lock that a removal of the chain waits for, and that a removal makes fail.
-- Parameters: $1 chain id. Result: epoch. Index: chain's unique key on chain_id.
SELECT epoch::bigint FROM chain WHERE chain_id = $1 FOR KEY SHARE
