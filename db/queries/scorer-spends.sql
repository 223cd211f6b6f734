-- Verified token transfers in transactions that the owner did not send, by a spender the owner had approved: the
-- sender itself or the contract it called. Transfers to the called contract are its ordinary business and left out.
-- Parameters: $1 chain id, $2 height before the range, $3 last height.
-- Index: token_transfer's primary key (chain_id, height, …), transaction's hash, account_event's primary key.
SELECT f.id, f.height::bigint, f.block_hash, extract(epoch FROM f."timestamp")::bigint AS timestamp_sec, f.tx_hash, f.log_index, f.sub_index,
       f.asset_id, f.from_id, f.to_id, f.amount, t.from_id AS sender_id
FROM token_transfer f
JOIN transaction t ON t.chain_id = $1 AND t.hash = f.tx_hash AND t.height = f.height
WHERE f.chain_id = $1 AND f.height > $2 AND f.height <= $3 AND f.verified AND f.standard = 'erc20'
  AND f.amount > 0 AND t.from_id <> f.from_id AND f.to_id IS DISTINCT FROM t.to_id
  AND EXISTS (
    SELECT 1 FROM account_event e
    WHERE e.account_id = f.from_id AND e.chain_id = $1 AND e.height <= f.height AND e.kind = 'tokenApproval'
      AND e.role = 'owner' AND e.asset_id = f.asset_id
      AND ($1::bigint || ':' || e.counterparty = t.from_id OR $1::bigint || ':' || e.counterparty = t.to_id))
ORDER BY f.height, f.log_index, f.sub_index
