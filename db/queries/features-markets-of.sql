-- Lending markets of a chain, and their pools' own rows, as of each of several blocks.
-- Parameters: $1 chain id, $2 heights (bigint[]).
-- Result: at_height, id, protocol, kind, pool, asset_id, asset1_id, state, revision, complete.
-- Indexes: market's (chain_id, pool); market_version's primary key (chain_id, market_id, valid_from_block).
SELECT h.height AS at_height, m.id, m.protocol, m.kind, m.pool, m.asset_id, m.asset1_id, v.state, v.revision, v.complete
FROM unnest($2::bigint[]) AS h (height)
CROSS JOIN market m
CROSS JOIN LATERAL (
  SELECT * FROM market_version v
  WHERE v.chain_id = $1 AND v.market_id = m.id AND v.valid_from_block <= h.height
  ORDER BY v.valid_from_block DESC LIMIT 1
) AS v
WHERE m.chain_id = $1 AND m.kind <> 'ticks'
  AND m.pool IN (SELECT pool FROM market WHERE chain_id = $1 AND kind = 'reserve')
