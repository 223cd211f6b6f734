-- What accounts did with listed protocols in a window of blocks, in block order.
-- Parameters: $1 chain id, $2 first height, $3 last height, $4 account ids (text[]).
-- Result: account_id, protocol, market_id, tx_hash, height.
-- Index: primary keys of lending_event and swap (chain_id, height, …).
SELECT account_id, protocol, market_id, tx_hash, height::bigint FROM (
  SELECT coalesce(a.id, '') AS account_id, e.protocol, e.market_id, e.tx_hash, e.height, e.log_index
  FROM lending_event e CROSS JOIN LATERAL (VALUES (e.account_id), (e.initiator_id)) AS a (id)
  WHERE e.chain_id = $1 AND e.height BETWEEN $2 AND $3 AND e.verified AND a.id = ANY ($4)
  UNION
  SELECT a.id, s.protocol, s.pool_id, s.tx_hash, s.height, s.log_index
  FROM swap s CROSS JOIN LATERAL (VALUES (s.sender_id), (s.recipient_id)) AS a (id)
  WHERE s.chain_id = $1 AND s.height BETWEEN $2 AND $3 AND s.verified AND a.id = ANY ($4)
) AS touch
ORDER BY height, log_index, account_id
