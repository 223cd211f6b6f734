-- The first stored block above a height: where a scorer goes on when nothing is stored in between.
-- Parameters: $1 chain id, $2 height. Result: height, or null. Index: block's primary key (chain_id, height).
SELECT min(height)::bigint AS height FROM block WHERE chain_id = $1 AND height > $2
