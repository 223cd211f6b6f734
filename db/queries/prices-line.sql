-- Protocol prices of a chain: each price's newest $4 versions at or below a block, and of those older than $3 only
-- the newest one.
-- Parameters: $1 chain id, $2 last block B, $3 first block of interest, $4 most versions of one price.
-- Result: asset_id, source, valid_from_block, timestamp_sec (of that block), answer, decimals.
-- Index: primary keys of price_version (chain_id, price_id, valid_from_block) and block.
SELECT p.asset_id, p.source, v.valid_from_block::bigint, v.answer, v.decimals,
       extract(epoch FROM coalesce(b."timestamp", v.updated_at))::bigint AS timestamp_sec
FROM price p
CROSS JOIN LATERAL (
  SELECT * FROM price_version v
  WHERE v.chain_id = $1 AND v.price_id = p.id AND v.valid_from_block <= $2
    AND v.valid_from_block >= coalesce((
      SELECT o.valid_from_block FROM price_version o
      WHERE o.chain_id = $1 AND o.price_id = p.id AND o.valid_from_block <= $3
      ORDER BY o.valid_from_block DESC LIMIT 1), 0)
  ORDER BY v.valid_from_block DESC LIMIT $4
) AS v
LEFT JOIN block b ON b.chain_id = $1 AND b.height = v.valid_from_block
WHERE p.chain_id = $1 AND p.kind = 'protocol'
ORDER BY p.asset_id, v.valid_from_block, p.source
