-- Deletes scores of shadow models of undone blocks, or those that are old.
-- Parameters: $1 chain id, $2 first height, $3 last height, null: none. Index: shadow_score_height_idx (chain_id, height).
DELETE FROM shadow_score WHERE chain_id = $1 AND height >= $2 AND ($3::bigint IS NULL OR height <= $3)
