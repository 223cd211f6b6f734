-- Versions of the market prices of a chain that held in a range of blocks: those within it, and of the older ones the newest.
-- Parameters: $1 chain id, $2 first block, $3 last block.
-- Result: asset_id, source, valid_from_block, answer, decimals, updated_at_sec (the source's own time).
-- Index: price_version's primary key (chain_id, price_id, valid_from_block).
SELECT p.asset_id, p.source, v.valid_from_block::bigint, v.answer, v.decimals,
       extract(epoch FROM v.updated_at)::bigint AS updated_at_sec
FROM price p
CROSS JOIN LATERAL (
  SELECT * FROM price_version v
  WHERE v.chain_id = $1 AND v.price_id = p.id AND v.valid_from_block <= $3
    AND v.valid_from_block >= coalesce((
      SELECT o.valid_from_block FROM price_version o
      WHERE o.chain_id = $1 AND o.price_id = p.id AND o.valid_from_block <= $2
      ORDER BY o.valid_from_block DESC LIMIT 1), 0)
) AS v
WHERE p.chain_id = $1 AND p.kind = 'market'
ORDER BY p.asset_id, p.source, v.valid_from_block
