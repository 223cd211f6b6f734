-- Every market of a chain as of a block, without the tick rows of exchange pools.
-- Parameters: $1 chain id, $2 block B.
-- Result: id, protocol, kind, pool, asset_id, asset1_id, symbol, asset_decimals, state, revision, complete.
-- Index: market_version's primary key (chain_id, market_id, valid_from_block).
SELECT m.id, m.protocol, m.kind, m.pool, m.asset_id, m.asset1_id, a.symbol, a.decimals AS asset_decimals,
       v.state, v.revision, v.complete
FROM market m
LEFT JOIN asset a ON a.id = m.asset_id
CROSS JOIN LATERAL (
  SELECT * FROM market_version v
  WHERE v.chain_id = $1 AND v.market_id = m.id AND v.valid_from_block <= $2
  ORDER BY v.valid_from_block DESC LIMIT 1
) AS v
WHERE m.chain_id = $1 AND m.kind <> 'ticks'
ORDER BY m.id
