-- The newest stored block at or below a height: what "state as of height" stands on.
-- Parameters: $1 chain id, $2 height. Result: height, hash, timestamp_sec; no row when none is stored.
-- Index: block's primary key (chain_id, height).
SELECT height::bigint, hash, extract(epoch FROM "timestamp")::bigint AS timestamp_sec
FROM block WHERE chain_id = $1 AND height <= $2 ORDER BY height DESC LIMIT 1
