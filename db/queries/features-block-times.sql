-- Time of the newest stored block at or below each of several heights.
-- Parameters: $1 chain id, $2 heights (bigint[]). Result: height (as asked), timestamp_sec; none below the first block.
-- Index: block's primary key (chain_id, height).
SELECT h.height::bigint, extract(epoch FROM b."timestamp")::bigint AS timestamp_sec
FROM unnest($2::bigint[]) AS h (height)
CROSS JOIN LATERAL (
  SELECT "timestamp" FROM block WHERE chain_id = $1 AND height <= h.height ORDER BY height DESC LIMIT 1
) AS b
