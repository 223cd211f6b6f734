-- Verified lending events of accounts in markets that are known, up to a block.
-- Parameters: $1 chain id, $2 block after which all kinds count (liquidations count from the start), $3 last block B,
--   $4 account ids (text[]) or null for all.
-- Result: account_id, pool, kind, height, timestamp_sec; in block order.
-- Indexes: lending_event's account_id and height on the chain's partition; market's primary key.
SELECT e.account_id, m.pool, e.kind, e.height::bigint, extract(epoch FROM e."timestamp")::bigint AS timestamp_sec
FROM lending_event e
JOIN market m ON m.id = e.market_id
WHERE e.chain_id = $1 AND e.height <= $3 AND (e.height > $2 OR e.kind = 'liquidation') AND e.verified
  AND e.kind IN ('supply', 'borrow', 'repay', 'liquidation') AND ($4::text[] IS NULL OR e.account_id = ANY ($4))
ORDER BY e.height, e.log_index, e.sub_index
