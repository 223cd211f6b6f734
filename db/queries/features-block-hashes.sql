-- Hashes of stored blocks at given heights. Parameters: $1 chain id, $2 heights (bigint[]). Result: height, hash.
-- Index: block's primary key (chain_id, height).
SELECT height::bigint, hash FROM block WHERE chain_id = $1 AND height = ANY ($2::bigint[])
