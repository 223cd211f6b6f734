-- Removes scores at the heights of rounds that are about to be written: a chain that stores only relevant blocks may give
-- a later round the state of the same block again.
-- Parameters: $1 chain id, $2 heights (bigint[]).
-- Index: score_height_idx (chain_id, height).
DELETE FROM score_row WHERE chain_id = $1 AND height = ANY ($2::bigint[])
