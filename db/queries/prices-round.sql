-- The newest round of called prices at or below a block.
-- Parameters: $1 chain id, $2 block. Result: timestamp_sec, missing; no row when none was made.
-- Index: price_round's primary key (chain_id, height).
SELECT extract(epoch FROM "timestamp")::bigint AS timestamp_sec, missing
FROM price_round WHERE chain_id = $1 AND height <= $2 ORDER BY height DESC LIMIT 1
