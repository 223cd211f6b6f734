-- One account and whether all its positions are covered.
-- $1 account id · $2 its chain id. Columns: accountId, address, chainId, firstSeen, complete, incompleteReason.
-- Indexes: primary keys of account, position, market.
SELECT a.id AS "accountId", a.address, a.chain_id AS "chainId", a.first_timestamp AS "firstSeen",
       i.markets IS NULL AS complete,
       'positions that began before their coverage: ' || i.markets AS "incompleteReason"
FROM account a,
LATERAL (
  SELECT string_agg(coalesce(asset.symbol, p.market_id) || ' on ' || p.protocol, ', ' ORDER BY p.market_id) AS markets
  FROM position p
  LEFT JOIN market m ON m.id = p.market_id
  LEFT JOIN asset ON asset.id = m.asset_id
  WHERE p.account_id = a.id AND p.chain_id = a.chain_id AND NOT (p.complete AND coalesce(m.complete, false))
) i
WHERE a.id = $1::text AND a.chain_id = $2::bigint
