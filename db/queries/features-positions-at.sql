-- Every lending position of a chain as of a block, holdings of zero included.
-- Parameters: $1 chain id, $2 block B, $3 account ids (text[]) or null for all.
-- Result: account_id, market_id, protocol, pool, scaled_supply, scaled_debt, collateral_enabled, complete.
-- Index: position's primary key (all of position when $3 is null), then position_version's (account_id, chain_id, market_id, valid_from_block).
SELECT v.account_id, v.market_id, v.protocol, v.pool, v.scaled_supply, v.scaled_debt, v.collateral_enabled, v.complete
FROM position p
CROSS JOIN LATERAL (
  SELECT * FROM position_version v
  WHERE v.account_id = p.account_id AND v.chain_id = $1 AND v.market_id = p.market_id AND v.valid_from_block <= $2
  ORDER BY v.valid_from_block DESC LIMIT 1
) AS v
WHERE p.chain_id = $1 AND ($3::text[] IS NULL OR p.account_id = ANY ($3))
ORDER BY v.account_id, v.market_id
