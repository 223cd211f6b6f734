-- Lending markets that were paused or frozen within a range of blocks: state that was not so in the version before.
-- Parameters: $1 chain id, $2 height before the range, $3 last height.
-- Result: market_id, protocol, pool, asset_id, height, block_hash, timestamp_sec, paused, frozen (what changed).
-- Index: market_version (chain_id, valid_from_block), then its primary key (chain_id, market_id, valid_from_block), market's
-- and block's.
SELECT m.id AS market_id, m.protocol, m.pool, m.asset_id, v.valid_from_block::bigint AS height, b.hash AS block_hash,
       extract(epoch FROM b."timestamp")::bigint AS timestamp_sec, now_is.paused AND NOT was.paused AS paused,
       now_is.frozen AND NOT was.frozen AS frozen
FROM market m
JOIN market_version v ON v.chain_id = $1 AND v.market_id = m.id AND v.valid_from_block > $2 AND v.valid_from_block <= $3
JOIN block b ON b.chain_id = $1 AND b.height = v.valid_from_block
CROSS JOIN LATERAL (
  SELECT coalesce((v.state ->> 'paused')::boolean, false) AS paused,
         coalesce((v.state ->> 'frozen')::boolean, false) AS frozen
) AS now_is
CROSS JOIN LATERAL (
  SELECT coalesce((p.state ->> 'paused')::boolean, false) AS paused,
         coalesce((p.state ->> 'frozen')::boolean, false) AS frozen
  FROM market_version p
  WHERE p.chain_id = $1 AND p.market_id = m.id AND p.valid_from_block < v.valid_from_block
  ORDER BY p.valid_from_block DESC LIMIT 1
) AS was
WHERE m.chain_id = $1 AND m.kind = 'reserve'
  AND (now_is.paused AND NOT was.paused OR now_is.frozen AND NOT was.frozen)
ORDER BY v.valid_from_block, m.id
