-- Exchange pools between tokens of a list, with the versions that held in a range of blocks: those within it, and of the
-- older ones the newest. Rows of pools and of their ticks.
-- Parameters: $1 chain id, $2 first block, $3 last block, $4 asset ids (text[]), $5 protocols (text[]).
-- Result: id, protocol, kind, pool, asset_id, asset1_id, and of each version height, timestamp_sec (of the newest stored
--   block at or below it), state, revision, complete; by id and height.
-- Index: market_pair_idx; market_version's primary key (chain_id, market_id, valid_from_block); block's primary key.
SELECT m.id, m.protocol, m.kind, m.pool, m.asset_id, m.asset1_id, v.valid_from_block::bigint AS height,
       extract(epoch FROM b."timestamp")::bigint AS timestamp_sec, v.state, v.revision, v.complete
FROM market m
CROSS JOIN LATERAL (
  SELECT * FROM market_version v
  WHERE v.chain_id = $1 AND v.market_id = m.id AND v.valid_from_block <= $3
    AND v.valid_from_block >= coalesce((
      SELECT o.valid_from_block FROM market_version o
      WHERE o.chain_id = $1 AND o.market_id = m.id AND o.valid_from_block <= $2
      ORDER BY o.valid_from_block DESC LIMIT 1), 0)
) AS v
CROSS JOIN LATERAL (
  SELECT "timestamp" FROM block WHERE chain_id = $1 AND height <= v.valid_from_block ORDER BY height DESC LIMIT 1
) AS b
WHERE m.chain_id = $1 AND m.asset_id = ANY ($4::text[]) AND m.asset1_id = ANY ($4::text[])
  AND m.kind IN ('pool', 'ticks') AND m.protocol = ANY ($5::text[])
ORDER BY m.id, v.valid_from_block
