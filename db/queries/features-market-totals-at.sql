-- What accounts hold and owe in each market as of a block, scaled by the market's indexes.
-- Parameters: $1 chain id, $2 block B. Result: market_id, scaled_supply, scaled_debt, complete (every position is).
-- Index: position's partition as a whole, then position_version's primary key.
SELECT v.market_id, sum(v.scaled_supply) AS scaled_supply, sum(v.scaled_debt) AS scaled_debt,
       bool_and(v.complete) AS complete
FROM position p
CROSS JOIN LATERAL (
  SELECT * FROM position_version v
  WHERE v.account_id = p.account_id AND v.chain_id = $1 AND v.market_id = p.market_id AND v.valid_from_block <= $2
  ORDER BY v.valid_from_block DESC LIMIT 1
) AS v
WHERE p.chain_id = $1
GROUP BY v.market_id
