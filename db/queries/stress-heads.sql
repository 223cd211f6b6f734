-- The newest stored block of each chain at or below a height, for chains that are named or for all.
-- Parameters: $1 chain ids or null, $2 heights beside them, null for the newest. Result: as in interface Head of
-- src/api/stress/heads.ts; height and hash are null where no block is stored there. Index: block's primary key, twice a chain.
SELECT c.chain_id::int AS "chainId", c.head_height::bigint AS "headHeight", b.height::bigint AS height, b.hash, extract(epoch FROM b."timestamp")::bigint AS "timestampSec",
       (SELECT min(f.height) FROM block f WHERE f.chain_id = c.chain_id)::bigint AS "firstHeight"
FROM chain c
LEFT JOIN unnest($1::bigint[], $2::bigint[]) AS asked (chain_id, height) ON asked.chain_id = c.chain_id
LEFT JOIN LATERAL (
  SELECT height, hash, "timestamp" FROM block
  WHERE chain_id = c.chain_id AND height <= coalesce(asked.height, c.head_height) ORDER BY height DESC LIMIT 1
) AS b ON true
WHERE $1::bigint[] IS NULL OR asked.chain_id IS NOT NULL
ORDER BY c.chain_id
