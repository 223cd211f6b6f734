-- When the owner of each lending position first and last acted on it, up to a block.
-- Parameters: $1 chain id, $2 block B (nothing later is read), $3 account ids (text[]) or null for all.
-- Result: account_id, pool, first_sec, last_sec (seconds since the epoch). What others did to him (liquidations) is left out.
-- Index: the chain's partition of lending_event, account_id with height (the whole partition when $3 is null).
SELECT e.account_id, m.pool, extract(epoch FROM min(e."timestamp"))::bigint AS first_sec,
       extract(epoch FROM max(e."timestamp"))::bigint AS last_sec
FROM lending_event e
JOIN market m ON m.id = e.market_id
WHERE e.chain_id = $1 AND e.height <= $2 AND e.verified AND e.kind IN ('supply', 'withdraw', 'borrow', 'repay')
  AND ($3::text[] IS NULL OR e.account_id = ANY ($3))
GROUP BY e.account_id, m.pool
