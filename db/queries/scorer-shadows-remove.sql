-- Removes scores of shadow models at the heights of rounds that are about to be written.
-- Parameters: $1 chain id, $2 heights (bigint[]). Index: shadow_score_height_idx (chain_id, height).
DELETE FROM shadow_score WHERE chain_id = $1 AND height = ANY ($2::bigint[])
