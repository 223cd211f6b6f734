-- Versions of accounts' lending positions over a range of blocks: those within it, and of the older ones the newest.
-- Parameters: $1 chain id, $2 first block, $3 last block B, $4 account ids (text[]) or null for all.
-- Result: account_id, market_id, protocol, pool, scaled_supply, scaled_debt, collateral_enabled, complete, valid_from_block.
-- Index: position's primary key, then position_version's (account_id, chain_id, market_id, valid_from_block).
SELECT v.account_id, v.market_id, v.protocol, v.pool, v.scaled_supply, v.scaled_debt, v.collateral_enabled, v.complete,
       v.valid_from_block::bigint
FROM position p
CROSS JOIN LATERAL (
  SELECT * FROM position_version v
  WHERE v.account_id = p.account_id AND v.chain_id = $1 AND v.market_id = p.market_id AND v.valid_from_block <= $3
    AND v.valid_from_block >= coalesce((
      SELECT o.valid_from_block FROM position_version o
      WHERE o.account_id = p.account_id AND o.chain_id = $1 AND o.market_id = p.market_id AND o.valid_from_block <= $2
      ORDER BY o.valid_from_block DESC LIMIT 1), 0)
) AS v
WHERE p.chain_id = $1 AND ($4::text[] IS NULL OR p.account_id = ANY ($4))
ORDER BY v.account_id, v.market_id, v.valid_from_block
