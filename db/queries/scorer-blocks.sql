-- Stored blocks of a range.
-- Parameters: $1 chain id, $2 height before the range, $3 last height.
-- Result: height, hash, timestamp_sec. Index: block's primary key (chain_id, height).
SELECT height::bigint, hash, extract(epoch FROM "timestamp")::bigint AS timestamp_sec
FROM block WHERE chain_id = $1 AND height > $2 AND height <= $3
